/**
 * The one exception to "nothing is ever replaced" (I3): an object that does not decode gives way to its own
 * source's content, and is kept aside.
 *
 * Its replacement is staged and proved first, so that between the moment the old object loses its name and the
 * moment the new one has it stands a link, and the source is there all the time: whoever dies in between leaves
 * a segment that is due. A worker that archives it then is as welcome; what it published is proved like any.
 */
import { sameChecksum } from '../codec/source-checksum.ts';
import { confirm, growthOf } from './confirm.ts';
import { decodeArchived, type ArchivedObject } from '../archive/decode-archived.ts';
import { isWalqError, type WalqError } from '../base/failure/walq-error.ts';
import { assertMatchesKey } from '../store/stored-object.ts';
import { keyOfOtherPartial, type ArchiveKey } from '../store/archive-key.ts';
import { newProgress } from '../codec/thread-signals.ts';
import { admit } from './admit.ts';
import { compress } from './compress.ts';
import { discardStaging, publish } from './publish.ts';
import type { CompressedSegment, SegmentRun, SourceSegment } from './segment-run.ts';

/** What an object is worth by itself, whatever its source holds. */
export type ObjectHealth =
  | { readonly kind: 'absent' }
  | ({ readonly kind: 'sound' } & ArchivedObject)
  | { readonly kind: 'damaged'; readonly failure: WalqError };

/** Why an object may be replaced: it does not decode, or its source has grown since. */
export type ReplaceReason = 'damaged' | 'grown';

/** Told before what cannot be undone, and after it; each is durable when it returns. */
export interface ReplaceJournal {
  /** The object is about to be set aside. Rejects where this process may not. */
  begin(damage: WalqError): Promise<void>;
  /** It is kept under this name now. */
  recordMoved(aside: string): Promise<void>;
}

export type Replaced = 'replaced' | Exclude<ObjectHealth['kind'], 'damaged'>;

/**
 * Touches nothing unless the object does not decode, or holds no more than what its source begins with, as the
 * reason says; rejects as archiving does.
 */
export async function replaceObject(
  run: SegmentRun,
  reason: ReplaceReason,
  journal: ReplaceJournal,
): Promise<Replaced> {
  const [segment, health] = await findObject(run);
  const expected = reason === 'damaged' ? 'damaged' : 'sound';
  if (health.kind !== expected) return otherwise(health);
  const compressed = await compress(run, segment);
  const moving = moveAside(run, compressed, reason, journal);
  const replaces = await moving.catch(async (error: unknown) => {
    await discardStaging(run, compressed.staging);
    throw error;
  });
  if (replaces === 'sound') {
    await discardStaging(run, compressed.staging);
    return 'sound';
  }
  // What is begun here is ended, whatever the signal says: it is a link.
  await confirm(run, await publish(run, compressed));
  return 'replaced';
}

/** The object that this file is kept as: of several `.partial` files of one name, the one of its content. */
async function findObject(run: SegmentRun): Promise<readonly [SourceSegment, ObjectHealth]> {
  const segment = await admit(run);
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

/** Looks once more when the way is clear: another may have repaired it while this one compressed. */
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

/** An object that is asked for as grown and does not decode is another repair's. */
function otherwise(health: ObjectHealth): Exclude<Replaced, 'replaced'> {
  if (health.kind === 'damaged') throw health.failure;
  return health.kind;
}

/**
 * Counts as damaged only where the object's content is what the compressed file begins with: all of it is in the
 * file's own object then. Everything else is left as it is.
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
 * Decodes it as a whole. Damaged is only what can be read and says nothing sound, or names another segment: nobody
 * restores that. A store that does not answer rejects, and so do what a newer walq wrote and a missing dictionary.
 */
export async function checkObject(
  { store, threads, signal }: Pick<SegmentRun, 'store' | 'threads' | 'signal'>,
  key: ArchiveKey,
): Promise<ObjectHealth> {
  // What is no file at all is refused here, and is nobody's to set aside.
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
