/** Stored segment → receipt: the one place that decides that an archived copy is right (I1, I3). */
import { writtenAt, sameFingerprint } from '../codec/fingerprint.ts';
import { sameChecksum } from '../codec/source-checksum.ts';
import { decodeArchived, type ArchivedObject } from '../archive/decode-archived.ts';
import { makeFoundDurable } from '../archive/dictionary-cache.ts';
import { isWalqError, WalqError } from '../base/failure/walq-error.ts';
import type { MeasuredSegment, SegmentRun, StoredSegment } from './segment-run.ts';
import { keyPath } from '../store/archive-key.ts';
import { matchesKey } from '../store/stored-object.ts';

/** The proof that allows deletion: the archive holds this very content, durably. Only `confirm` issues one. */
export interface ArchiveReceipt {
  readonly segment: MeasuredSegment;
  readonly objectBytes: number;
  readonly origin: 'published' | 'found';
  /** When the file was last written whose copy the object is, as its manifest says it. */
  readonly sealedAt: string;
}

const issued = new WeakSet<ArchiveReceipt>();

function issueReceipt(receipt: ArchiveReceipt): ArchiveReceipt {
  issued.add(receipt);
  return receipt;
}

/** A receipt cannot be written by hand: only what was issued passes. */
export function assertIssued(receipt: ArchiveReceipt): void {
  if (!issued.has(receipt)) throw new TypeError('this receipt was not issued by confirm');
}

/**
 * An object that this process published was decoded and compared as a staged file. Where publishing gave
 * that same file its name, that is the proof; where it sent a copy, the copy is brought back and decoded in
 * conservative mode, and trusted without. One that was found is decoded now, and made durable by this
 * process itself.
 */
export async function confirm(run: SegmentRun, stored: StoredSegment): Promise<ArchiveReceipt> {
  await run.onStep('confirm', stored.name.name);
  const isProved = run.store.uploads === undefined || !run.conservative;
  if (stored.origin === 'published' && isProved) {
    const sealedAt = writtenAt(stored.fingerprint);
    return issueReceipt({
      segment: stored,
      objectBytes: stored.objectBytes,
      origin: 'published',
      sealedAt,
    });
  }
  const object = await decodeTwice(run, stored);
  await assertSameContent(run, stored, object);
  await run.onStep('make-durable', stored.name.name);
  await makeFoundDurable(run.store, stored.key, object.manifest);
  const { objectBytes, manifest } = object;
  return issueReceipt({
    segment: stored,
    objectBytes,
    origin: stored.origin,
    sealedAt: manifest.sealedAt,
  });
}

/** What was brought from elsewhere may have been damaged on its way: then it is asked for once more. */
async function decodeTwice(run: SegmentRun, stored: MeasuredSegment): Promise<ArchivedObject> {
  try {
    return await decodeFound(run, stored);
  } catch (error) {
    const mayBeTheWay = isWalqError(error, 'object-corrupt', 'object-foreign');
    if (run.store.uploads === undefined || !mayBeTheWay) throw error;
    return decodeFound(run, stored);
  }
}

async function decodeFound(
  { store, threads, signal }: SegmentRun,
  stored: MeasuredSegment,
): Promise<ArchivedObject> {
  const object = await decodeArchived({ store, threads, key: stored.key, signal }).catch(
    (error: unknown) => {
      if (!isWalqError(error, 'object-missing')) throw error;
    },
  );
  if (object !== undefined) return object;
  throw new WalqError('store-unavailable', {
    message: `${keyPath(stored.key)} was there and is gone again`,
  });
}

/**
 * Same content means equal length and source checksum after decoding, never equal compressed bytes. The same content
 * that names another segment, or another source, is not this segment's copy: nothing would restore it as one.
 */
export async function assertSameContent(
  run: Pick<SegmentRun, 'threads' | 'signal'>,
  stored: MeasuredSegment,
  object: ArchivedObject,
): Promise<void> {
  const where = keyPath(stored.key);
  if (!matchesKey(object.manifest, stored.key)) {
    const { segment, source } = object.manifest;
    throw new WalqError('duplicate', {
      message: `the archive holds an object under ${where} that says it is segment ${segment} of source '${source}'; ${stored.path} is not archived`,
    });
  }
  const same =
    object.decoded.bytes === stored.bytes &&
    sameChecksum(object.decoded.sourceChecksum, stored.sourceChecksum);
  if (same) return;
  const grown = await growthOf(run, stored, object);
  if (grown !== undefined) throw grown;
  throw new WalqError('duplicate', {
    message: `the archive holds other content under ${where} than ${stored.path} (${object.decoded.bytes} bytes there, ${stored.bytes} here)${historyOf(stored, object)}`,
  });
}

/** What the object says of where it came from. */
function historyOf({ sourceId }: MeasuredSegment, { manifest }: ArchivedObject): string {
  const isOwn = manifest.sourceId === sourceId;
  const from = isOwn
    ? 'from this source'
    : `from another directory, source id ${manifest.sourceId}`;
  return `: it was archived ${from} at ${manifest.archivedAt}${isOwn ? ', and the file was written since' : ''}`;
}

// Tells a file that was written to after it was archived from one whose content is another.

/**
 * The failure, where the object holds exactly what the file begins with, and was archived from this very source;
 * else undefined. `decoded` is what came out of the object, not what it says of itself.
 */
export async function growthOf(
  { threads, signal }: Pick<SegmentRun, 'threads' | 'signal'>,
  { source, path, sourceId, key, fingerprint, bytes }: MeasuredSegment,
  { manifest, decoded }: ArchivedObject,
): Promise<WalqError | undefined> {
  const isOwn =
    manifest.source === key.source &&
    manifest.segment === key.segment &&
    manifest.sourceId === sourceId;
  // PostgreSQL's files do not grow; of its partial ones the archive keeps each content.
  if (source.type === 'postgres' || !isOwn || decoded.bytes >= bytes) return undefined;
  const beginning = await threads.checksum({ sourcePath: path, bytesMax: decoded.bytes }, signal);
  const isBeginning =
    sameFingerprint(beginning.fingerprint, fingerprint) &&
    sameChecksum(beginning.sourceChecksum, decoded.sourceChecksum);
  if (!isBeginning) return undefined;
  return new WalqError('segment-grew', {
    message: `${path} was written after it was archived: it has ${bytes} bytes, and the archive holds the first ${decoded.bytes} (archived at ${manifest.archivedAt})`,
  });
}
