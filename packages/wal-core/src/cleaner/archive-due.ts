/** Archives everything that is due, as many segments at once as there are threads. */
import type { DueView } from '../due/index.ts';
import { asWalqError, isWalqError, type WalqError } from '../failure/index.ts';
import type { Archiver, OpenSource, SegmentReport } from '../pipeline/index.ts';
import { quarantineSegment } from '../quarantine/index.ts';
import type { SegmentName } from '../segment/index.ts';

export interface ArchiveDueOptions {
  /** Stops taking segments and cancels those under way; the call then rejects with `cancelled`. */
  readonly signal?: AbortSignal;
  /** Told after each segment. `failure` is set where the outcome is not a success. */
  readonly onSegment?: (report: SegmentReport, failure?: WalqError) => void;
  /** Told how many segments are due, before the first. */
  readonly onStart?: (dueCount: number) => void;
}

interface Batch {
  readonly archiver: Archiver;
  readonly view: DueView;
  readonly open: OpenSource;
  readonly worker: string;
  readonly upTo: SegmentName | undefined;
}

/** Segments looked for at a time: bounds memory, whatever the backlog. */
const SCAN_SEGMENTS = 10_000;

/** Each due segment is tried once. What fails for now is reported as `failed` and left due. */
export async function archiveDue(batch: Batch, options: ArchiveDueOptions): Promise<SegmentReport[]> {
  const reports: SegmentReport[] = [];
  const tried = new Set<string>();
  for (;;) {
    const { due, dueCount } = await batch.view.scan(SCAN_SEGMENTS + tried.size, batch.upTo);
    const fresh = due.filter((segment) => !tried.has(segment.name));
    if (reports.length === 0) options.onStart?.(dueCount);
    if (fresh.length === 0) return reports;
    for (const segment of fresh) tried.add(segment.name);
    reports.push(...(await inParallel(batch, fresh, options)));
  }
}

async function inParallel(batch: Batch, due: SegmentName[], options: ArchiveDueOptions) {
  const signal = options.signal ?? new AbortController().signal;
  const reports = new Map<number, SegmentReport>();
  const waiting = due.entries();
  const lane = async () => {
    for (const [index, segment] of waiting) {
      signal.throwIfAborted();
      const [report, failure] = await archiveOne(batch, segment, signal);
      reports.set(index, report);
      options.onSegment?.(report, failure);
    }
  };
  // One more than the threads, so that these need not wait for a deletion between two segments.
  await Promise.all(Array.from({ length: batch.archiver.parallelism + 1 }, lane));
  return due.flatMap((_, index) => reports.get(index) ?? []);
}

async function archiveOne(
  batch: Batch,
  segment: SegmentName,
  signal: AbortSignal,
): Promise<[SegmentReport, WalqError?]> {
  const startedMs = Date.now();
  try {
    return [await batch.archiver.archive(batch.open.source, segment.name, { signal })];
  } catch (error) {
    if (isWalqError(error, 'cancelled')) throw error;
    const failure = asWalqError(error);
    if (failure.class === 'permanent') await quarantine(batch, segment, failure);
    return [unsuccessful(segment, failure, Date.now() - startedMs), failure];
  }
}

async function quarantine(batch: Batch, segment: SegmentName, failure: WalqError): Promise<void> {
  await quarantineSegment(batch.open.store, batch.open.source.name, {
    segment: segment.name,
    code: failure.code,
    message: failure.message,
    hint: failure.hint,
    quarantinedAt: new Date().toISOString(),
    worker: batch.worker,
  });
}

function unsuccessful(segment: SegmentName, failure: WalqError, durationMs: number): SegmentReport {
  const outcome = failure.code === 'duplicate' ? 'duplicate' : failure.class === 'permanent' ? 'quarantined' : 'failed';
  return { segment: segment.name, bytesIn: 0, bytesOut: 0, durationMs, outcome };
}
