import type { Ended } from './history.ts';
import { shown } from './plan.ts';

/** A history that went wrong, and how to see it again. */
export function describeEnd({ plan, violation, steps }: Ended): string {
  const { hosts, sources, workers } = plan.layout;
  return [
    `seed ${plan.seed} breaks ${violation?.message ?? 'nothing'}`,
    `  ${hosts} hosts, ${sources} sources, ${workers} workers; ${steps} steps`,
    ...plan.actions.map((action) => `  ${shown(action)}`),
    `again: npm run simulate -- --seed ${plan.seed}`,
  ].join('\n');
}
