/**
 * The only exception to "an object is never replaced" (I3): an object that does not decode is replaced by its own
 * source's
 * content, and the old object is moved aside.
 *
 * The replacement is staged and proved first. Between moving the old object away and linking the new one there is only
 * one system call, and the source file exists all the time: a process that dies in between leaves a segment that is
 * due. A worker may archive it then; what it publishes is proved as usual.
 */
import { sameChecksum } from '../codec/source-checksum.ts';
import { confirm, growthOf } from './confirm.ts';
import { decodeArchived, type ArchivedObject } from '../archive/decode-archived.ts';
import { isWalqError, type WalqError } from '../base/failure/walq-error.ts';
import { assertMatchesKey } from '../store/stored-object.ts';
import { keyOfOtherPartial, type ArchiveKey } from '../store/archive-key.ts';
import { newProgress } from '../codec/thread-signals.ts';
import { admitAll, parseName } from './admit.ts';
import { only } from './batch-results.ts';
import { compress } from './compress.ts';
import { discardStaging, madeDurable, publishAll } from './publish.ts';
import type { CompressedSegment, SegmentRun, SourceSegment } from './segment-run.ts';

/** The health of an object by itself, without its source. */
export type ObjectHealth =
  | { readonly kind: 'absent' }
  | ({ readonly kind: 'sound' } & ArchivedObject)
  | { readonly kind: 'damaged'; readonly failure: WalqError };

/** Why an object may be replaced: it does not decode, or its source has grown since. */
export type ReplaceReason = 'damaged' | 'grown';

/** Called before and after the step that cannot be undone. Each call is durable when it resolves. */
export interface ReplaceJournal {
  /** The object is about to be moved aside. Rejects where this process may not do so. */
  begin(damage: WalqError): Promise<void>;
  /** The object has been moved to this name. */
  recordMoved(aside: string): Promise<void>;
}

export type Replaced = 'replaced' | Exclude<ObjectHealth['kind'], 'damaged'>;

/**
 * Changes nothing unless the object is damaged, or holds only the beginning of its source, as the reason says. Rejects
 * as archiving does.
 */
export async function replaceObject(
  run: SegmentRun,
  reason: ReplaceReason,
  journal: ReplaceJournal,
): Promise<Replaced> {
  const [segment, health] = await findObject(run);
  const expected = reason === 'damaged' ? 'damaged' : 'sound';
  if (health.kind !== expected) return otherwise(health);
  const compressed = await compressDurably(run, segment);
  const moving = moveAside(run, compressed, reason, journal);
  const replaces = await moving.catch(async (error: unknown) => {
    await discardStaging(run, compressed.staging);
    throw error;
  });
  if (replaces === 'sound') {
    await discardStaging(run, compressed.staging);
    return 'sound';
  }
  // Only a link remains, so the replacement is completed even when the signal is aborted.
  const { stored } = only(await publishAll(run, [{ run, segment, prepared: compressed }]));
  await confirm(run, stored);
  return 'replaced';
}

async function compressDurably(
  run: SegmentRun,
  segment: SourceSegment,
): Promise<CompressedSegment> {
  const written = await compress(run, segment);
  return madeDurable(run, written).catch(async (error: unknown) => {
    await discardStaging(run, written.staging);
    throw error;
  });
}

/** The object of this file. Of several `.partial` files with one name it is the one with this file's content. */
async function findObject(run: SegmentRun): Promise<readonly [SourceSegment, ObjectHealth]> {
  const { segment } = only(await admitAll(run, [await parseName(run)]));
  const health = await checkObject(run, segment.key);
  if (health.kind !== 'sound' || segment.name.isAuxiliary !== true) return [segment, health];
  const task = { sourcePath: segment.path, progress: newProgress() };
  const { sourceChecksum } = await run.threads.checksum(task, run.signal);
  const key = keyOfOtherPartial(segment.key, sourceChecksum.value);
  if (key === undefined || sameChecksum(sourceChecksum, health.decoded.sourceChecksum)) {
    return [segment, health];
  }
  return [{ ...segment, key }, await checkObject(run, key)];
}

/** Checks the object again: another process may have repaired it while this one compressed. */
async function moveAside(
  run: SegmentRun,
  compressed: CompressedSegment,
  reason: ReplaceReason,
  journal: ReplaceJournal,
): Promise<ObjectHealth['kind']> {
  const { key } = compressed;
  const health = await (reason === 'damaged' ? checkObject(run, key) : checkGrown(run, compressed));
  if (health.kind !== 'damaged') return health.kind;
  await run.onStep('begin-replace', key.segment);
  await journal.begin(health.failure);
  await run.onStep('move-aside', key.segment);
  const aside = await run.store.moveAside(key);
  await run.onStep('record-moved', key.segment);
  if (aside !== undefined) await journal.recordMoved(aside);
  return health.kind;
}

/** An object that should have grown but does not decode belongs to another repair. */
function otherwise(health: ObjectHealth): Exclude<Replaced, 'replaced'> {
  if (health.kind === 'damaged') throw health.failure;
  return health.kind;
}

/**
 * Damaged only where the object's content is the beginning of the compressed file, so that the new object contains all
 * of it. Any other object stays unchanged.
 */
async function checkGrown(run: SegmentRun, compressed: CompressedSegment): Promise<ObjectHealth> {
  const { store, threads, signal } = run;
  const { key } = compressed;
  const object = await decodeArchived({ store, threads, key, signal });
  if (object === undefined) return { kind: 'absent' };
  const failure = await growthOf(run, compressed, object);
  if (failure === undefined) return { kind: 'sound', ...object };
  return { kind: 'damaged', failure };
}

/**
 * Decodes the whole object. Damaged means that it can be read but does not decode, or names another segment: no restore
 * would use it. Rejects when the store does not answer, when a newer walq wrote the object, and when its dictionary is
 * missing.
 */
export async function checkObject(
  { store, threads, signal }: Pick<SegmentRun, 'store' | 'threads' | 'signal'>,
  key: ArchiveKey,
): Promise<ObjectHealth> {
  // An entry that is not a regular file is rejected here, and is never moved aside.
  if ((await store.stat(key)) === undefined) return { kind: 'absent' };
  try {
    const object = await decodeArchived({ store, threads, key, signal });
    if (object === undefined) return { kind: 'absent' };
    assertMatchesKey(object.manifest, key);
    return { kind: 'sound', ...object };
  } catch (failure) {
    if (isWalqError(failure, 'object-missing')) return { kind: 'absent' };
    if (isWalqError(failure, 'object-corrupt', 'object-foreign')) {
      return { kind: 'damaged', failure };
    }
    throw failure;
  }
}
