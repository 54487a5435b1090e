/**
 * The way of a segment, from top to bottom: admit → compress → publish → confirm → receipt → delete. What stays at its
 * source is recorded as kept instead (kept-file.ts); for PostgreSQL a marker is written (marker.ts). Each step is a file,
 * with what it fails with.
 *
 * Every step is idempotent and safe beside a twin of itself in another process: whoever publishes first
 * wins, and the other finds the object, proves it and goes on.
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

/** Archives one segment from end to end. Rejects with a `WalqError` whose class says what to do. */
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
  // Keeping takes no time that anybody asks for.
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
 * Into the archive, and proved there. Where the archive holds another `.partial` under this name, which PostgreSQL
 * makes of one segment as often as servers are promoted from it, both are kept: this one under a name of its own.
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
