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
import { startMeter } from './process-meter.ts';
import { verifyObjects } from './verify-objects.ts';

/** One contestant, once. */
export interface Run {
  readonly wallMs: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly segments: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface Standing {
  readonly id: string;
  readonly title: string;
  /** Why it did not take part. */
  readonly absence?: string | undefined;
  /** One for each round. */
  readonly runs: readonly Run[];
}

export async function measureRounds(
  site: BenchSite,
  input: Input,
  contestants: readonly Contestant[],
): Promise<Standing[]> {
  const present = contestants.filter(({ absence }) => absence === undefined);
  const runs = new Map(contestants.map(({ id }) => [id, [] as Run[]]));
  for (let round = 0; round < site.rounds; round += 1) {
    for (const contestant of inTurn(present, round)) {
      runs.get(contestant.id)?.push(await measureOnce(site, input, contestant));
    }
  }
  return contestants.map(({ id, title, absence }) => ({
    id,
    title,
    absence,
    runs: runs.get(id) ?? [],
  }));
}

const measureOnce = (site: BenchSite, input: Input, contestant: Contestant): Promise<Run> =>
  inPlace(site, input, contestant, async (runner, place) => {
    await runner.clean(input.warmUp.at(-1)?.name ?? '');
    const stop = startMeter();
    const { wallMs } = await runner.clean(input.measured.at(-1)?.name ?? '');
    const usage = stop();
    const verified = await verifyObjects(contestant, place);
    return { wallMs, ...usage, ...verified };
  });

/** What all measurements of one run share. */
export interface BenchSite {
  /** Gone when the run ends. */
  readonly root: string;
  readonly level: number;
  readonly parallelism: number;
  readonly rounds: number;
  readonly seed: number;
  /** The file that Node runs as the command walq. */
  readonly walq: string;
  readonly env: RoleEnvironment;
  readonly signal: AbortSignal;
  /** Called after each measurement. */
  readonly onMeasured: () => void;
}

let placesMade = 0;

/** Runs a contestant in a place of its own; all that it started and made is gone afterwards. */
export async function inPlace<T>(
  site: BenchSite,
  input: Input,
  contestant: Contestant,
  work: (runner: Runner, place: Place) => Promise<T>,
): Promise<T> {
  site.signal.throwIfAborted();
  const root = join(site.root, `place-${(placesMade += 1)}`);
  const place = await preparePlace({ ...site, root, input });
  try {
    return await whileOpen(contestant, place, work);
  } finally {
    await removePlace(place);
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
