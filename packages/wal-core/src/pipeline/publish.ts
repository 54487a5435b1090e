/**
 * Publishes under the segment's key, unless an object is there already.
 *
 * A staged file that was proved survives a failed upload, and the process that started it: the next attempt publishes
 * it,
 * provided its source is the same file in the same state.
 */
import { decodeWithDictionary } from '../archive/decode-archived.ts';
import { ifPresent, sourceFailure } from '../base/failure/system-error.ts';
import { isWalqError, WalqError } from '../base/failure/walq-error.ts';
import type { DecodedObject } from '../codec/decode-object.ts';
import { fingerprintOf, type Fingerprint } from '../codec/fingerprint.ts';
import { parseManifest } from '../codec/manifest.ts';
import { matchesKey } from '../store/stored-object.ts';
import type { ResumableUploads, Staging } from '../store/store.ts';
import { requireStillReady } from './admit.ts';
import type { CompressedSegment, SegmentRun, SourceSegment, StoredSegment } from './segment-run.ts';

/** An existing object saves compressing the segment; `confirm` finds it equal or rejects it. */
export async function findStored(
  run: SegmentRun,
  segment: SourceSegment,
): Promise<StoredSegment | undefined> {
  const { store, threads, clock, signal, progress } = run;
  await run.onStep('find', segment.name.name);
  if ((await clock.storing(store.stat(segment.key))) === undefined) return undefined;
  const measured = await threads.checksum({ sourcePath: segment.path, progress }, signal);
  await requireStillReady(run, segment, measured.fingerprint);
  return { ...segment, ...measured, origin: 'found' };
}

export async function publish(
  run: SegmentRun,
  compressed: CompressedSegment,
): Promise<StoredSegment> {
  const { staging: proved, objectBytes, ...measured } = compressed;
  try {
    await run.onStep('publish', measured.name.name);
    const staging = await saveForRetry(run, compressed);
    const published = await run.clock.storing(run.store.publish(staging));
    if (published === 'published') return { ...measured, origin: 'published', objectBytes };
    return { ...measured, origin: 'found' };
  } catch (error) {
    // A staging saved for a retry has another name by now and is not discarded.
    await discardStaging(run, proved);
    throw error;
  }
}

/** The earlier failure matters more than a temporary file, which the sweep removes. */
export async function discardStaging({ store }: SegmentRun, staging: Staging): Promise<void> {
  await store.discard(staging).catch(() => undefined);
}

/** Called before the upload starts, so that a process that dies during it leaves the file to the next. */
async function saveForRetry(
  { store }: SegmentRun,
  { staging, fingerprint }: CompressedSegment,
): Promise<Staging> {
  const isOnDisk = staging.memory === undefined;
  return store.uploads === undefined || !isOnDisk
    ? staging
    : store.uploads.saveForRetry(staging, markOf(fingerprint));
}

/** What an earlier attempt compressed of this source file; undefined where there is nothing, or nothing sound. */
export async function resumeStaging(
  run: SegmentRun,
  segment: SourceSegment,
): Promise<CompressedSegment | undefined> {
  const { store, threads, signal } = run;
  const found = store.uploads && (await findSaved(run, segment, store.uploads));
  if (found === undefined) return undefined;
  const { staging, fingerprint } = found;
  try {
    const staged = { objectPath: staging.path, where: staging.path };
    const decoding = { store, threads, signal, key: segment.key };
    const object = await decodeWithDictionary(decoding, staged);
    assertSavedFor(segment, fingerprint, staging, object);
    await requireStillReady(run, segment, fingerprint);
    const { objectBytes, decoded } = object;
    return { ...segment, ...decoded, fingerprint, objectBytes, times: noTimes, staging };
  } catch (error) {
    await discardStaging(run, staging);
    if (isWalqError(error, ...unsound)) return undefined;
    throw error;
  }
}

const noTimes = { readMs: 0, compressMs: 0, storeMs: 0, confirmMs: 0 };

/** Failures after which the segment is compressed again. */
const unsound = [
  'object-corrupt',
  'object-foreign',
  'object-missing',
  'archive-format-unknown',
  'dictionary-missing',
  'dictionary-corrupt',
] as const;

async function findSaved(
  { disk }: SegmentRun,
  { path, key }: SourceSegment,
  copies: ResumableUploads,
): Promise<{ staging: Staging; fingerprint: Fingerprint } | undefined> {
  const state = await ifPresent(disk.lstat(path), (error) => sourceFailure(`stat ${path}`, error));
  if (state?.kind !== 'file') return undefined;
  const fingerprint = fingerprintOf(state);
  const staging = await copies.resume(key, markOf(fingerprint));
  return staging && { staging, fingerprint };
}

/** The file's name identifies it; its content must be checked. */
function assertSavedFor(
  { key, sourceId, name }: SourceSegment,
  { size }: Fingerprint,
  { path }: Staging,
  { manifestJson, decoded }: DecodedObject,
): void {
  const manifest = parseManifest(path, manifestJson);
  const isOurs =
    matchesKey(manifest, key) && manifest.sourceId === sourceId && BigInt(decoded.bytes) === size;
  if (isOurs) return;
  throw new WalqError('object-corrupt', { message: `${path} is not the copy of ${name.name}` });
}

const markOf = ({ device, inode, size, mtimeNs, ctimeNs }: Fingerprint): string =>
  [device, inode, size, mtimeNs, ctimeNs].join('-');
