/** Runs histories one after another, until one goes wrong. */
import { runHistory, type Ended } from './history.ts';
import type { Planted } from './planted/planted.ts';

export interface Figures {
  readonly histories: number;
  readonly steps: number;
  readonly virtualHours: number;
  readonly archived: number;
  readonly deleted: number;
  readonly pruned: number;
  readonly actions: Readonly<Record<string, number>>;
}

export interface Simulated {
  readonly figures: Figures;
  readonly failed: Ended | undefined;
}

export async function simulate(
  from: number,
  count: number,
  planted?: Planted,
  onProgress: (done: number) => void = () => undefined,
): Promise<Simulated> {
  const sums = { steps: 0, virtualMs: 0, archived: 0, deleted: 0, pruned: 0 };
  const actions: Record<string, number> = {};
  let failed: Ended | undefined;
  let histories = 0;
  for (; histories < count && failed === undefined; histories += 1) {
    const ended = await runHistory(from + histories, planted);
    sums.steps += ended.steps;
    sums.virtualMs += ended.virtualMs;
    sums.archived += ended.publications;
    sums.deleted += ended.deletions;
    sums.pruned += ended.removals;
    for (const { kind } of ended.plan.actions) actions[kind] = (actions[kind] ?? 0) + 1;
    if (ended.violation !== undefined) failed = ended;
    onProgress(histories + 1);
  }
  const { virtualMs, ...rest } = sums;
  const virtualHours = Math.round(virtualMs / 36_000) / 100;
  return { figures: { histories, ...rest, virtualHours, actions }, failed };
}
