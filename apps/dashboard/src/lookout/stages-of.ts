/** Where the time of the last archived segments went, by stage. */
import type { RecentJob } from '@walq/archive-queue';
import type { StageName, StageView } from '../state/page-state.ts';

const durations: readonly (readonly [StageName, (job: RecentJob) => number | undefined])[] = [
  ['wait', ({ waitMs }) => waitMs],
  ['read', ({ stages }) => stages?.readMs],
  ['compress', ({ stages }) => stages?.compressMs],
  ['store', ({ stages }) => stages?.storeMs],
  ['confirm', ({ stages }) => stages?.confirmMs],
  // 0 where the source is kept.
  ['delete', ({ stages }) => stages?.deleteMs || undefined],
];

export const stagesOf = (jobs: readonly RecentJob[]): StageView[] =>
  durations.flatMap(([stage, durationMs]) => {
    const sorted = jobs
      .map(durationMs)
      .filter((ms) => ms !== undefined)
      .toSorted((a, b) => a - b);
    if (sorted.length === 0) return [];
    const at = (part: number): number => sorted[Math.ceil(part * sorted.length) - 1] ?? 0;
    return [{ stage, count: sorted.length, p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1) }];
  });
