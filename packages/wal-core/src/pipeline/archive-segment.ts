/**
 * The pipeline of one segment, from top to bottom: admit → compress → publish → confirm → receipt → delete. A file
 * that
 * stays at its source is recorded as kept (kept-file.ts); for PostgreSQL a marker is written (marker.ts). Each step
 * is a
 * file of its own, with the failures that it raises.
 *
 * Every step is idempotent and safe next to the same step in another process: whoever publishes first wins, and the
 * other
 * finds the object, proves it and continues.
 */
import { isWalqError } from '../base/failure/walq-error.ts';
import { keyOfOtherPartial } from '../store/archive-key.ts';
import { admit } from './admit.ts';
import { compress } from './compress.ts';
import { confirm, type ArchiveReceipt } from './confirm.ts';
import { deleteSource } from './delete-source.ts';
import { recordKeptFile } from './kept-file.ts';
import { acknowledge } from './marker.ts';
import { resolveMissingSource } from './missing-source.ts';
import { findStored, publish, resumeStaging } from './publish.ts';
import type { SegmentReport } from './report.ts';
import type { SegmentRun, SourceSegment, StoredSegment } from './segment-run.ts';

/** Archives one segment from end to end. Rejects with a `WalqError`, whose class says what to do. */
export async function archiveSegment(run: SegmentRun): Promise<SegmentReport> {
  const segment = await admit(run);
  try {
    return await archiveAdmitted(run, segment);
  } catch (error) {
    if (!isWalqError(error, 'source-missing')) throw error;
    return resolveMissingSource(run, segment, error);
  }
}

async function archiveAdmitted(run: SegmentRun, segment: SourceSegment): Promise<SegmentReport> {
  const { clock, source, store } = run;
  const [stored, receipt] = await storeProved(run, segment);
  const deleted = deleteSource(run, receipt);
  // Where the source keeps the file, `deleteMs` stays 0.
  const isGone = await (source.afterArchive === 'delete' ? clock.deleting(deleted) : deleted);
  if (!isGone) await recordKeptFile(store, receipt);
  await acknowledge(run, receipt);
  return {
    segment: segment.name.name,
    bytesIn: stored.bytes,
    bytesOut: receipt.objectBytes,
    durationMs: Date.now() - clock.startedAt.getTime(),
    outcome: receipt.origin === 'published' ? 'archived' : 'already-archived',
    stages: clock.stages(stored.times),
  };
}

/**
 * Stores the segment and proves it in the archive. PostgreSQL makes a `.partial` of the same segment each time a
 * server is
 * promoted from it. Where the archive holds a different `.partial` under this name, this one is stored under a name
 * of its own.
 */
async function storeProved(
  run: SegmentRun,
  segment: SourceSegment,
): Promise<readonly [StoredSegment, ArchiveReceipt]> {
  const stored = (await findStored(run, segment)) ?? (await storeNew(run, segment));
  try {
    return [stored, await run.clock.confirming(confirm(run, stored))];
  } catch (error) {
    if (!isWalqError(error, 'duplicate') || segment.name.isAuxiliary !== true) throw error;
    const key = keyOfOtherPartial(stored.key, stored.sourceChecksum.value);
    if (key === undefined) throw error;
    return storeProved(run, { ...segment, key });
  }
}

async function storeNew(run: SegmentRun, segment: SourceSegment): Promise<StoredSegment> {
  const resumed = await resumeStaging(run, segment);
  return publish(run, resumed ?? (await compress(run, segment)));
}
