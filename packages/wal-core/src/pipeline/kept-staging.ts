/**
 * A staged file that was proved outlives an upload that failed, and the process that began it: the next
 * attempt publishes it, as long as its source is the same file in the same state.
 */
import { decodeWithDictionary } from '../archive/decode-archived.ts';
import { fingerprintOf, type Fingerprint } from '../codec/fingerprint.ts';
import { isMissing, sourceFailure } from '../base/failure/system-error.ts';
import { isWalqError, WalqError } from '../base/failure/walq-error.ts';
import type { SealedGate } from '../source/sealed-gate.ts';
import { namesKey } from '../store/stored-object.ts';
import { parseManifest } from '../codec/manifest.ts';
import type { CopiedStagings, Staging } from '../store/store.ts';
import type { DecodedObject } from '../codec/decode-object.ts';
import type { PipelineContext } from './context.ts';
import { requireStillReady } from './require-still-ready.ts';
import type { CompressedSegment, SourceSegment } from './segment-states.ts';

/** Before its upload begins: a process that dies in it leaves the file to the next. */
export async function keepStaging(
  { store }: PipelineContext,
  { staging, fingerprint }: CompressedSegment,
): Promise<Staging> {
  const isOnDisk = staging.memory === undefined;
  return store.copies === undefined || !isOnDisk
    ? staging
    : store.copies.keep(staging, markOf(fingerprint));
}

/** What an earlier attempt compressed of this very source; undefined where there is nothing, or nothing sound. */
export async function takeKeptStaging(
  context: PipelineContext,
  segment: SourceSegment,
  { signal, gate }: { readonly signal: AbortSignal; readonly gate: SealedGate },
): Promise<CompressedSegment | undefined> {
  const { copies } = context.store;
  const found = copies && (await find(context, segment, copies));
  if (found === undefined) return undefined;
  const { staging, fingerprint } = found;
  try {
    const { store, threads } = context;
    const staged = { objectPath: staging.path, where: staging.path };
    const decoding = { store, threads, signal, key: segment.key };
    const object = await decodeWithDictionary(decoding, staged);
    refuseOther(segment, fingerprint, staging, object);
    await requireStillReady(context, segment, gate, fingerprint);
    const { objectBytes, decoded } = object;
    return { ...segment, ...decoded, fingerprint, objectBytes, times: noTimes, staging };
  } catch (error) {
    // What went wrong before matters more than a temporary file, which the sweep removes.
    await context.store.discard(staging).catch(() => undefined);
    if (isWalqError(error, ...unsound)) return undefined;
    throw error;
  }
}

const noTimes = { readMs: 0, compressMs: 0, storeMs: 0, confirmMs: 0 };

/** Then it is compressed again. */
const unsound = [
  'object-corrupt',
  'object-foreign',
  'object-missing',
  'archive-format-unknown',
  'dictionary-missing',
  'dictionary-corrupt',
] as const;

async function find(
  { disk }: PipelineContext,
  { path, key }: SourceSegment,
  copies: CopiedStagings,
): Promise<{ staging: Staging; fingerprint: Fingerprint } | undefined> {
  const state = await disk.lstat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw sourceFailure(`look at ${path}`, error);
  });
  if (state?.kind !== 'file') return undefined;
  const fingerprint = fingerprintOf(state);
  const staging = await copies.take(key, markOf(fingerprint));
  return staging && { staging, fingerprint };
}

/** That it is the right file follows from its name; that it still is what it was, from its content. */
function refuseOther(
  { key, sourceId, name }: SourceSegment,
  { size }: Fingerprint,
  { path }: Staging,
  { manifestJson, decoded }: DecodedObject,
): void {
  const manifest = parseManifest(path, manifestJson);
  const isOurs =
    namesKey(manifest, key) && manifest.sourceId === sourceId && BigInt(decoded.bytes) === size;
  if (isOurs) return;
  throw new WalqError('object-corrupt', { message: `${path} is not the copy of ${name.name}` });
}

const markOf = ({ device, inode, size, mtimeNs, ctimeNs }: Fingerprint): string =>
  [device, inode, size, mtimeNs, ctimeNs].join('-');
