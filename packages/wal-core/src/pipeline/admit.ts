/**
 * Whether a segment may be archived, asked before anything is done with it; and of PostgreSQL's files once more after
 * they were read, for it writes over those that it has done with.
 */
import { belowFloorError, isBelowFloor } from '../archive/floor.ts';
import { ifPresent, sourceFailure } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import type { Fingerprint } from '../codec/fingerprint.ts';
import { stateAtSource } from '../source/at-source.ts';
import { nameOfEmpty } from '../source/postgres/wal-file.ts';
import type { SegmentName } from '../source/segment-name.ts';
import { segmentPath } from '../source/source.ts';
import { keyOfFile } from '../store/archive-key.ts';
import type { SegmentRun, SourceSegment } from './segment-run.ts';

/** A job's word is not enough: the name must be a segment's, sealed and flushed (I2), and not given up. */
export async function admit(run: SegmentRun): Promise<SourceSegment> {
  const { source, sourceId, gate, segment, disk } = run;
  await run.onStep('admit', segment);
  const name = source.naming.parse(segment);
  if (name === undefined) {
    throw new WalqError('no-segment', {
      message: `'${segment}' is not the name of a segment of source '${source.name}'`,
    });
  }
  await gate.admit(name);
  if (!run.evenBelowFloor) await assertAboveFloor(run, name);
  const state = name.isAuxiliary && (await stateAtSource(disk, source, name));
  const key = keyOfFile(source.name, name, state?.size);
  return { source, sourceId, name, key, path: segmentPath(source, name.name) };
}

async function assertAboveFloor({ retention }: SegmentRun, name: SegmentName): Promise<void> {
  const floors = await retention.floors();
  if (isBelowFloor(floors, name)) throw belowFloorError(floors, name);
}

/**
 * PostgreSQL renames a segment it has done with and writes new WAL into the same file. What was read counts
 * only when, after the last byte, the same file was still there under its name and still ready.
 *
 * @throws WalqError `source-changed`, or `segment-not-flushed` where PostgreSQL has its answer already
 */
export async function requireStillReady(
  { disk, gate, onStep }: SegmentRun,
  segment: SourceSegment,
  read: Fingerprint,
): Promise<void> {
  if (segment.source.sealedRule.kind !== 'ready') return;
  await onStep('recheck', segment.name.name);
  const now = await ifPresent(disk.lstat(segment.path), (error) =>
    sourceFailure(`stat ${segment.path}`, error),
  );
  await gate.admit(segment.name);
  const isSame =
    now?.kind === 'file' &&
    now.device === read.device &&
    now.inode === read.inode &&
    now.size === read.size &&
    now.mtimeNs === read.mtimeNs &&
    isUnderItsKey(segment, read);
  if (isSame) return;
  throw new WalqError('source-changed', {
    message: `${segment.path} is not the file any more that was read`,
  });
}

/** An empty file beside the segments has a key of its own, which was chosen before it was read. */
function isUnderItsKey({ name, key }: SourceSegment, read: Fingerprint): boolean {
  const ofEmpty = nameOfEmpty(name.name);
  return ofEmpty === undefined || (key.segment === ofEmpty) === (read.size === 0n);
}
