/** What all measurements of one run share. */
import { join } from 'node:path';
import type { Contestant, Runner } from '../contestants/contestant.ts';
import {
  preparePlace,
  removePlace,
  type Place,
  type RoleEnvironment,
} from '../contestants/place.ts';
import type { Input } from '../input/input.ts';

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
  /** Told after each measurement. */
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
