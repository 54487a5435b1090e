/** Archives many segments, a few at a time. Each ends archived, quarantined or failed for now. */
import { asWalqError, isWalqError, WalqError } from '../base/failure/walq-error.ts';
import { archiveOne, type Archiver } from './archiver.ts';
import type { OpenSource } from './open-source.ts';
import type { Outcome, SegmentReport } from './report.ts';
import { quarantineSegment } from '../archive/quarantine.ts';
import type { SegmentName } from '../source/segment-name.ts';

export interface ArchiveDueOptions {
  /** Stops taking segments and cancels those in flight; the call then rejects with `cancelled`. */
  readonly signal?: AbortSignal;
  /** Called after each segment. `failure` is set where the outcome is not a success. */
  readonly onSegment?: (report: SegmentReport, failure?: WalqError) => void;
  /** Called with the number of due segments, before the first. */
  readonly onStart?: (dueCount: number) => void;
}

/** One attempt at a segment: its report, and its failure where it did not succeed. Rejects only with `cancelled`. */
export type Attempt = (
  segment: SegmentName,
  signal: AbortSignal,
) => Promise<readonly [SegmentReport, WalqError?]>;

/** Returns the reports in the order of the segments. Nothing is in flight any more when this resolves or rejects. */
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
        reports.set(index, await attemptOne(attempt, segment, options));
      }
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  };
  // One more than the threads, so that no thread waits for a deletion between two segments.
  const lanes = Array.from({ length: parallelism + 1 }, lane);
  for (const ended of await Promise.allSettled(lanes)) {
    if (ended.status === 'rejected') throw ended.reason;
  }
  return due.flatMap((_, index) => reports.get(index) ?? []);
}

async function attemptOne(attempt: Attempt, segment: SegmentName, options: ArchiveDueOptions) {
  const signal = options.signal ?? new AbortController().signal;
  throwIfAborted(signal);
  const [report, failure] = await attempt(segment, signal);
  options.onSegment?.(report, failure);
  return report;
}

function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new WalqError('cancelled', {
    message: 'archiving was cancelled',
    cause: signal.reason,
  });
}

/** What the segments of one call have in common. */
export interface Batch {
  readonly archiver: Archiver;
  readonly open: OpenSource;
  readonly worker: string;
}

/**
 * Archives one segment; returns its report, with the failure where it did not succeed. Rejects only with `cancelled`.
 */
export async function trySegment(
  batch: Batch,
  segment: SegmentName,
  signal: AbortSignal,
): Promise<[SegmentReport, WalqError?]> {
  const startedMs = Date.now();
  try {
    return [await archiveOne(batch.archiver, batch.open.source, segment.name, { signal })];
  } catch (error) {
    if (isWalqError(error, 'cancelled')) throw error;
    const [outcome, failure] = await outcomeOf(batch, segment, asWalqError(error));
    const durationMs = Date.now() - startedMs;
    return [{ segment: segment.name, bytesIn: 0, bytesOut: 0, durationMs, outcome }, failure];
  }
}

/** A segment that could not be quarantined has failed for now, and is tried again. */
async function outcomeOf(
  batch: Batch,
  segment: SegmentName,
  failure: WalqError,
): Promise<[Outcome, WalqError]> {
  if (failure.class !== 'permanent') return ['failed', failure];
  try {
    await quarantine(batch, segment, failure);
  } catch (error) {
    return ['failed', notQuarantined(segment, failure, asWalqError(error))];
  }
  return [failure.code === 'duplicate' ? 'duplicate' : 'quarantined', failure];
}

async function quarantine(batch: Batch, segment: SegmentName, failure: WalqError): Promise<void> {
  await quarantineSegment(batch.open.store, batch.open.source.name, {
    segment: segment.name,
    code: failure.code,
    message: failure.message,
    hint: failure.hint,
    worker: batch.worker,
  });
}

const notQuarantined = (segment: SegmentName, why: WalqError, cause: WalqError): WalqError =>
  new WalqError(cause.code, {
    message: `unable to quarantine ${segment.name} (${why.message}): ${cause.message}`,
    cause,
  });
