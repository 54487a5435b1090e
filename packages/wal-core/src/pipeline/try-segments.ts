/** Archives many segments, a few at a time. Each ends archived, quarantined or failed for now. */
import { asWalqError, isWalqError, WalqError } from '../base/failure/walq-error.ts';
import type { Archiver } from './archiver.ts';
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

/** The report of a segment, with its failure where it did not succeed. */
export type Tried = readonly [SegmentReport, WalqError?];

/** One attempt at a batch: what became of each of its segments. */
export type Attempt<Batch> = (batch: Batch, signal: AbortSignal) => Promise<readonly Tried[]>;

/** Returns the reports in the order of the batches. Nothing is in flight any more when this resolves or rejects. */
export async function inParallel<Batch>(
  batches: readonly Batch[],
  parallelism: number,
  options: ArchiveDueOptions,
  attempt: Attempt<Batch>,
): Promise<SegmentReport[]> {
  const reports = new Map<number, readonly SegmentReport[]>();
  const waiting = batches.entries();
  let hasFailed = false;
  const lane = async () => {
    try {
      for (const [index, batch] of waiting) {
        if (hasFailed) return;
        reports.set(index, await attemptOne(attempt, batch, options));
      }
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  };
  // One more than the threads, so that no thread waits for the main thread between two batches.
  const lanes = Array.from({ length: parallelism + 1 }, lane);
  for (const ended of await Promise.allSettled(lanes)) {
    if (ended.status === 'rejected') throw ended.reason;
  }
  return batches.flatMap((_, index) => reports.get(index) ?? []);
}

async function attemptOne<Batch>(
  attempt: Attempt<Batch>,
  batch: Batch,
  options: ArchiveDueOptions,
): Promise<readonly SegmentReport[]> {
  const signal = options.signal ?? new AbortController().signal;
  throwIfAborted(signal);
  const tried = await attempt(batch, signal);
  const isCancelled = ([, failure]: Tried): boolean => isWalqError(failure, 'cancelled');
  for (const one of tried) if (!isCancelled(one)) options.onSegment?.(...one);
  const cancelled = tried.find(isCancelled);
  if (cancelled?.[1] !== undefined) throw cancelled[1];
  return tried.map(([report]) => report);
}

function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new WalqError('cancelled', {
    message: 'archiving was cancelled',
    cause: signal.reason,
  });
}

/** What the segments of one call have in common. */
export interface Trying {
  readonly archiver: Archiver;
  readonly open: OpenSource;
  readonly worker: string;
}

/** Archives one batch, and quarantines those that failed permanently. Never rejects. */
export async function tryBatch(
  trying: Trying,
  segments: readonly SegmentName[],
  signal: AbortSignal,
): Promise<readonly Tried[]> {
  const startedMs = Date.now();
  const names = segments.map(({ name }) => name);
  const results = await trying.archiver.archive(trying.open.source, names, { signal });
  const tried: Tried[] = [];
  for (const { segment, report, failure } of results) {
    if (report !== undefined) tried.push([report]);
    else tried.push(await failedReport(trying, segment, failure, Date.now() - startedMs));
  }
  return tried;
}

async function failedReport(
  trying: Trying,
  segment: string,
  why: WalqError,
  durationMs: number,
): Promise<Tried> {
  const [outcome, failure] = await outcomeOf(trying, segment, why);
  return [{ segment, bytesIn: 0, bytesOut: 0, durationMs, outcome }, failure];
}

/** A segment that could not be quarantined has failed for now, and is tried again. */
async function outcomeOf(
  trying: Trying,
  segment: string,
  failure: WalqError,
): Promise<[Outcome, WalqError]> {
  if (failure.class !== 'permanent') return ['failed', failure];
  try {
    await quarantine(trying, segment, failure);
  } catch (error) {
    return ['failed', notQuarantined(segment, failure, asWalqError(error))];
  }
  return [failure.code === 'duplicate' ? 'duplicate' : 'quarantined', failure];
}

async function quarantine(
  { open, worker }: Trying,
  segment: string,
  failure: WalqError,
): Promise<void> {
  await quarantineSegment(open.store, open.source.name, {
    segment,
    code: failure.code,
    message: failure.message,
    hint: failure.hint,
    worker,
  });
}

const notQuarantined = (segment: string, why: WalqError, cause: WalqError): WalqError =>
  new WalqError(cause.code, {
    message: `unable to quarantine ${segment} (${why.message}): ${cause.message}`,
    cause,
  });
