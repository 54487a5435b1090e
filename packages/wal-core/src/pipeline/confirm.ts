/** Stored segment → receipt: the only place that decides that an archived copy is right (I1, I3). */
import { writtenAt, sameFingerprint } from '../codec/fingerprint.ts';
import { sameChecksum } from '../codec/source-checksum.ts';
import { decodeArchived, type ArchivedObject } from '../archive/decode-archived.ts';
import { makeFoundDurable } from '../archive/dictionary-cache.ts';
import { isWalqError, WalqError } from '../base/failure/walq-error.ts';
import type { MeasuredSegment, SegmentRun, StoredSegment } from './segment-run.ts';
import { keyPath } from '../store/archive-key.ts';
import { matchesKey } from '../store/stored-object.ts';

/** The proof that allows deletion: the archive holds exactly this content, durably. Only `confirm` issues one. */
export interface ArchiveReceipt {
  readonly segment: MeasuredSegment;
  readonly objectBytes: number;
  readonly origin: 'published' | 'found';
  /** When the archived file was last written, as the object's manifest states. */
  readonly sealedAt: string;
}

const issued = new WeakSet<ArchiveReceipt>();

function issueReceipt(receipt: ArchiveReceipt): ArchiveReceipt {
  issued.add(receipt);
  return receipt;
}

/** Rejects a receipt that `confirm` did not issue. */
export function assertIssued(receipt: ArchiveReceipt): void {
  if (!issued.has(receipt)) throw new TypeError('this receipt was not issued by confirm');
}

/** Whether the object was proved as a staged file, so that confirming it reads nothing of the archive. */
export const isProved = (
  { store, conservative }: Pick<SegmentRun, 'store' | 'conservative'>,
  stored: StoredSegment,
): stored is StoredSegment & { readonly origin: 'published' } =>
  stored.origin === 'published' && (store.uploads === undefined || !conservative);

/**
 * An object that this process published was decoded and compared as a staged file. Where the store links that file
 * into
 * the archive, that is the proof. Where the store uploads a copy, the copy is read back and decoded in conservative
 * mode,
 * and trusted without. An object that was found is decoded now and made durable by this process.
 */
export async function confirm(run: SegmentRun, stored: StoredSegment): Promise<ArchiveReceipt> {
  await run.onStep('confirm', stored.name.name);
  if (isProved(run, stored)) {
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

/** A downloaded object may have been damaged on its way: it is downloaded once more. */
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
    message: `${keyPath(stored.key)} was removed while it was being checked`,
  });
}

/**
 * Same content means equal length and source checksum after decoding, never equal compressed bytes. An object with the
 * same content that names another segment or source is not this segment's copy: no restore would use it as one.
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
      message: `the archive holds an object under ${where} whose manifest names segment ${segment} of source '${source}'; ${stored.path} is not archived`,
    });
  }
  const same =
    object.decoded.bytes === stored.bytes &&
    sameChecksum(object.decoded.sourceChecksum, stored.sourceChecksum);
  if (same) return;
  const grown = await growthOf(run, stored, object);
  if (grown !== undefined) throw grown;
  throw new WalqError('duplicate', {
    message: `the archive holds different content under ${where} than ${stored.path} (${object.decoded.bytes} bytes in the archive, ${stored.bytes} at the source)${historyOf(stored, object)}`,
  });
}

/** Where and when the object says it was archived. */
function historyOf({ sourceId }: MeasuredSegment, { manifest }: ArchivedObject): string {
  const isOwn = manifest.sourceId === sourceId;
  const from = isOwn
    ? 'from this source'
    : `from another directory, source id ${manifest.sourceId}`;
  return `: it was archived ${from} at ${manifest.archivedAt}${isOwn ? ', and the file was written after that' : ''}`;
}

// Distinguishes a file that grew after it was archived from one with different content.

/**
 * The failure, where the object holds exactly the beginning of the file and was archived from this very source;
 * otherwise
 * undefined. `decoded` is what the object decodes to, not what its manifest states.
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
  // PostgreSQL's files do not grow, and the archive keeps each content of a partial file.
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
