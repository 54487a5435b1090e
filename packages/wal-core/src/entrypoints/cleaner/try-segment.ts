/** One attempt at one segment: archived, set aside for good, or failed for now. */
import { asWalqError, isWalqError, WalqError } from '../../base/failure/walq-error.ts';
import type { Archiver } from '../../pipeline/archiver.ts';
import type { OpenSource } from '../../pipeline/open-source.ts';
import type { Outcome, SegmentReport } from '../../pipeline/outcome.ts';
import { quarantineSegment } from '../../archive/quarantine.ts';
import type { SegmentName } from '../../source/segment-name.ts';

/** What the segments of one call have in common. */
export interface Batch {
  readonly archiver: Archiver;
  readonly open: OpenSource;
  readonly worker: string;
}

/** The report, with the failure where it is not a success. Rejects with `cancelled` alone. */
export async function trySegment(
  batch: Batch,
  segment: SegmentName,
  signal: AbortSignal,
): Promise<[SegmentReport, WalqError?]> {
  const startedMs = Date.now();
  try {
    return [await batch.archiver.archive(batch.open.source, segment.name, { signal })];
  } catch (error) {
    if (isWalqError(error, 'cancelled')) throw error;
    const [outcome, failure] = await settle(batch, segment, asWalqError(error));
    const durationMs = Date.now() - startedMs;
    return [{ segment: segment.name, bytesIn: 0, bytesOut: 0, durationMs, outcome }, failure];
  }
}

/** A segment that could not be set aside is one that failed for now. */
async function settle(
  batch: Batch,
  segment: SegmentName,
  failure: WalqError,
): Promise<[Outcome, WalqError]> {
  if (failure.class !== 'permanent') return ['failed', failure];
  try {
    await quarantine(batch, segment, failure);
  } catch (error) {
    return ['failed', notSetAside(segment, failure, asWalqError(error))];
  }
  return [failure.code === 'duplicate' ? 'duplicate' : 'quarantined', failure];
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

const notSetAside = (segment: SegmentName, why: WalqError, cause: WalqError): WalqError =>
  new WalqError(cause.code, {
    message: `unable to quarantine ${segment.name} (${why.message}): ${cause.message}`,
    cause,
  });
