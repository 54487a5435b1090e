/** Leaves out of a plan whatever is not needed for it to go wrong in the same way. */
import { runHistory, type Ended } from './history.ts';
import type { Plan } from './plan.ts';
import type { Planted } from './planted/planted.ts';

const TRIES_MAX = 400;

export async function shorten(failed: Ended, planted?: Planted): Promise<Ended> {
  const invariant = failed.violation?.invariant;
  let shortest = failed;
  let tries = 0;
  for (
    let size = Math.ceil(failed.plan.actions.length / 2);
    size >= 1;
    size = Math.floor(size / 2)
  ) {
    for (let at = 0; at < shortest.plan.actions.length && tries < TRIES_MAX; tries += 1) {
      const tried = await runHistory(failed.plan.seed, planted, without(shortest.plan, at, size));
      if (tried.violation?.invariant === invariant) shortest = tried;
      else at += size;
    }
  }
  return shortest;
}

const without = (plan: Plan, at: number, count: number): Plan => ({
  ...plan,
  actions: plan.actions.filter((_, index) => index < at || index >= at + count),
});
