import type { QueueSight } from '../lookout/queue-watch.ts';
import type { FailureView, SourceView } from './page-state.ts';

const SHOWN_MAX = 50;

/** What failed lately: sources that are stopped, then segments, newest first. */
export function failuresOf(
  sources: readonly Pick<SourceView, 'name' | 'problem'>[],
  { workers }: Pick<QueueSight, 'workers'>,
): FailureView[] {
  const stopped = sources.flatMap(({ name, problem }): FailureView[] => {
    if (problem === null) return [];
    const { code, message, hint } = problem;
    return [{ source: name, segment: null, at: null, kind: 'stopped', code, message, hint }];
  });
  const segments: FailureView[] = workers
    .flatMap(({ failures }) => failures)
    .toSorted((a, b) => b.at - a.at);
  return [...stopped, ...segments].slice(0, SHOWN_MAX);
}
