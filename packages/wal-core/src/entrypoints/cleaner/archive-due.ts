/** Archives everything that is due, as many segments at once as there are threads. */
import type { DueView } from '../../reading/due/due-view.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import type { SegmentReport } from '../../pipeline/outcome.ts';
import type { SegmentName } from '../../source/segment-name.ts';
import { trySegment, type Batch } from './try-segment.ts';

export interface ArchiveDueOptions {
  /** Stops taking segments and cancels those under way; the call then rejects with `cancelled`. */
  readonly signal?: AbortSignal;
  /** Told after each segment. `failure` is set where the outcome is not a success. */
  readonly onSegment?: (report: SegmentReport, failure?: WalqError) => void;
  /** Told how many segments are due, before the first. */
  readonly onStart?: (dueCount: number) => void;
}

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

/** One attempt at a segment: its report, and its failure where it is not a success. Rejects with `cancelled` alone. */
type Attempt = (
  segment: SegmentName,
  signal: AbortSignal,
) => Promise<readonly [SegmentReport, WalqError?]>;

/** Reports in the order of the segments. Nothing is under way any more when this ends, also where it rejects. */
export async function inParallel(
  due: readonly SegmentName[],
  parallelism: number,
  options: ArchiveDueOptions,
  attempt: Attempt,
): Promise<SegmentReport[]> {
  const reports = new Map<number, SegmentReport>();
  const waiting = due.entries();
  let hasFailed = false;
  const lane = async () => {
    try {
      for (const [index, segment] of waiting) {
        if (hasFailed) return;
        reports.set(index, await archiveOne(attempt, segment, options));
      }
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  };
  // One more than the threads, so that these need not wait for a deletion between two segments.
  const lanes = Array.from({ length: parallelism + 1 }, lane);
  for (const ended of await Promise.allSettled(lanes)) {
    if (ended.status === 'rejected') throw ended.reason;
  }
  return due.flatMap((_, index) => reports.get(index) ?? []);
}

async function archiveOne(attempt: Attempt, segment: SegmentName, options: ArchiveDueOptions) {
  const signal = options.signal ?? new AbortController().signal;
  throwIfAborted(signal);
  const [report, failure] = await attempt(segment, signal);
  options.onSegment?.(report, failure);
  return report;
}

function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new WalqError('cancelled', {
    message: 'the archiving was cancelled',
    cause: signal.reason,
  });
}
