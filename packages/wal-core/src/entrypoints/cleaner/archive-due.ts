/** Archives everything that is due, as many segments at once as there are threads. */
import type { DueView } from '../../reading/due/due-view.ts';
import type { SegmentReport } from '../../pipeline/outcome.ts';
import type { SegmentName } from '../../source/segment-name.ts';
import {
  inParallel,
  trySegment,
  type ArchiveDueOptions,
  type Attempt,
  type Batch,
} from '../../pipeline/archive-batch.ts';

interface DueBatch extends Batch {
  readonly view: DueView;
  readonly upTo: SegmentName | undefined;
}

/** Segments looked for at a time: bounds memory, whatever the backlog. */
const SCAN_SEGMENTS = 10_000;

/** Each due segment is tried once. What fails for now is reported as `failed` and left due. */
export async function archiveDue(
  batch: DueBatch,
  options: ArchiveDueOptions,
): Promise<SegmentReport[]> {
  const reports: SegmentReport[] = [];
  const tried = new Set<string>();
  for (;;) {
    const { due, dueCount } = await batch.view.scan(SCAN_SEGMENTS + tried.size, batch.upTo);
    const fresh = due.filter((segment) => !tried.has(segment.name));
    if (reports.length === 0) options.onStart?.(dueCount);
    if (fresh.length === 0) return reports;
    for (const segment of fresh) tried.add(segment.name);
    const attempt: Attempt = (segment, signal) => trySegment(batch, segment, signal);
    reports.push(...(await inParallel(fresh, batch.archiver.parallelism, options, attempt)));
  }
}
