/**
 * When appends are due: at random, as those of many independent clients, and the same for the same seed. They
 * do not wait for one another, so that an engine that is held up is measured by all whom it kept waiting.
 */
import { Seeded } from '../input/seeded.ts';
import type { Workload } from './workload.ts';

const STEPS = 2 ** 32;

/** Milliseconds from the start, ascending, all within `seconds`. */
export function* arrivalsMs({
  seed,
  rate,
  seconds,
}: Pick<Workload, 'seed' | 'rate' | 'seconds'>): Generator<number, void> {
  const random = new Seeded(seed);
  const meanMs = 1000 / rate;
  for (let dueMs = 0; ;) {
    // Never the logarithm of 0.
    dueMs -= meanMs * Math.log((random.below(STEPS) + 1) / (STEPS + 1));
    if (dueMs >= seconds * 1000) return;
    yield dueMs;
  }
}
