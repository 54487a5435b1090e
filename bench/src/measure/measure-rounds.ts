/** All contestants over the same segments, in turns, so that what else the machine does hits all alike. */
import { join } from 'node:path';
import {
  preparePlace,
  removePlace,
  type Contestant,
  type Place,
  type RoleEnvironment,
  type Runner,
} from '../contestants/contestant.ts';
import { inTurn } from '../figures.ts';
import type { Input } from '../input/input.ts';

/** What a contestant did, round by round. */
export interface StandingOf<R> {
  readonly id: string;
  readonly title: string;
  /** Why it did not take part. */
  readonly absence?: string | undefined;
  /** One for each round. */
  readonly runs: readonly R[];
}

/** What all measurements of one run share. */
export interface BenchSite {
  /** Gone when the run ends. */
  readonly root: string;
  readonly level: number;
  readonly parallelism: number;
  /** Nice value of walq's archiving threads, 0 to 19. */
  readonly nice: number;
  readonly rounds: number;
  /** Measures less, for a try. */
  readonly short: boolean;
  readonly seed: number;
  /** The command walq. */
  readonly walq: string;
  readonly env: RoleEnvironment;
  readonly signal: AbortSignal;
  /** Called after each measurement. */
  readonly onMeasured: () => void;
}

/** Runs each contestant once a round, in a fresh place. The order of a round begins with the next one each time. */
export async function measureRounds<R>(
  site: BenchSite,
  input: Input,
  contestants: readonly Contestant[],
  measure: (contestant: Contestant, runner: Runner, place: Place) => Promise<R>,
): Promise<StandingOf<R>[]> {
  const present = contestants.filter(({ absence }) => absence === undefined);
  const runs = new Map(contestants.map(({ id }) => [id, [] as R[]]));
  for (let round = 0; round < site.rounds; round += 1) {
    for (const contestant of inTurn(present, round)) {
      const run = await inPlace(site, input, contestant, (runner, place) =>
        measure(contestant, runner, place),
      );
      runs.get(contestant.id)?.push(run);
    }
  }
  return contestants.map(({ id, title, absence }) => ({
    id,
    title,
    absence,
    runs: runs.get(id) ?? [],
  }));
}

let placesMade = 0;

/** Runs a contestant in a place of its own; all that it started and made is gone afterwards. */
export const inPlace = <T>(
  site: BenchSite,
  input: Input,
  contestant: Contestant,
  work: (runner: Runner, place: Place) => Promise<T>,
): Promise<T> => withPlace(site, input, (place) => whileOpen(contestant, place, work));

/** One measurement in a place of its own, which is gone afterwards. */
export async function withPlace<T>(
  site: BenchSite,
  input: Input,
  work: (place: Place) => Promise<T>,
): Promise<T> {
  site.signal.throwIfAborted();
  const root = join(site.root, `place-${(placesMade += 1)}`);
  try {
    return await work(await preparePlace({ ...site, root, input }));
  } finally {
    await removePlace({ root });
    site.onMeasured();
  }
}

async function whileOpen<T>(
  contestant: Contestant,
  place: Place,
  work: (runner: Runner, place: Place) => Promise<T>,
): Promise<T> {
  const runner = await contestant.open(place);
  try {
    return await work(runner, place);
  } finally {
    await runner.close();
  }
}
