/**
 * Checks that a segment may be archived, before anything is done with it. PostgreSQL's files are checked again after
 * they
 * were read, because PostgreSQL recycles files that it no longer needs.
 */
import { isBelowFloor, noFloors, notArchivedBelowFloor } from '../archive/floor.ts';
import { ifPresent, sourceFailure } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import type { Fingerprint } from '../codec/fingerprint.ts';
import { stateAtSource } from '../source/at-source.ts';
import { nameOfEmpty } from '../source/postgres/wal-file.ts';
import type { SegmentName } from '../source/segment-name.ts';
import { segmentPath } from '../source/source.ts';
import { keyOfFile } from '../store/archive-key.ts';
import { settled, type OfSegment } from './batch-results.ts';
import type { BatchRun, SegmentRun, SourceSegment } from './segment-run.ts';

/** A segment of a batch whose name is that of a segment. */
export interface NamedSegment extends OfSegment {
  readonly name: SegmentName;
}

export interface AdmittedSegment extends OfSegment {
  readonly segment: SourceSegment;
}

/** A job proves nothing: the name must be that of a segment. */
export async function parseName(run: SegmentRun): Promise<NamedSegment> {
  const { source, segment } = run;
  await run.onStep('admit', segment);
  const name = source.naming.parse(segment);
  if (name !== undefined) return { run, name };
  throw new WalqError('no-segment', {
    message: `'${segment}' is not the name of a segment of source '${source.name}'`,
  });
}

/** Admits those that are sealed and flushed (I2) and not below the prune floor, with one read of the source. */
export async function admitAll(
  batch: BatchRun,
  named: readonly NamedSegment[],
): Promise<readonly (AdmittedSegment | WalqError)[]> {
  const refusals = await batch.gate.refusals(named.map(({ name }) => name));
  const floors = batch.evenBelowFloor ? noFloors : await batch.retention.floors();
  return Promise.all(
    named.map(async ({ run, name }) => {
      const refusal = refusals.get(name.name);
      if (refusal !== undefined) return refusal;
      if (isBelowFloor(floors, name)) return notArchivedBelowFloor(floors, name, run.source.name);
      return settled(async () => ({ run, segment: await toSourceSegment(run, name) }));
    }),
  );
}

async function toSourceSegment(
  { source, sourceId, disk }: SegmentRun,
  name: SegmentName,
): Promise<SourceSegment> {
  const state = name.isAuxiliary && (await stateAtSource(disk, source, name));
  const key = keyOfFile(source.name, name, state?.size);
  return { source, sourceId, name, key, path: segmentPath(source, name.name) };
}

/**
 * PostgreSQL renames a segment that it no longer needs and writes new WAL into the same file. What was read counts
 * only if,
 * after the last byte, the same file was still there under its name and still ready.
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
    message: `${segment.path} was replaced while it was being archived`,
  });
}

/** An empty auxiliary file has a key of its own, which was chosen before the file was read. */
function isUnderItsKey({ name, key }: SourceSegment, read: Fingerprint): boolean {
  const ofEmpty = nameOfEmpty(name.name);
  return ofEmpty === undefined || (key.segment === ofEmpty) === (read.size === 0n);
}
