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
import type { Published, ResumableUploads, Staging } from '../store/store.ts';
import { requireStillReady, type AdmittedSegment } from './admit.ts';
import { settled } from './batch-results.ts';
import { timed } from './report.ts';
import {
  throwIfStopped,
  type BatchRun,
  type CompressedSegment,
  type SegmentRun,
  type SourceSegment,
  type StoredSegment,
  type WrittenSegment,
} from './segment-run.ts';

/** An existing object saves compressing the segment; `confirm` finds it equal or rejects it. */
export async function findStored(
  run: SegmentRun,
  segment: SourceSegment,
): Promise<StoredSegment | undefined> {
  const { store, threads, clock, signal, progress } = run;
  await run.onStep('find', segment.name.name);
  const object = await timed([clock], ['storeMs'], () => store.stat(segment.key));
  if (object === undefined) return undefined;
  const measured = await threads.checksum({ sourcePath: segment.path, progress }, signal);
  await requireStillReady(run, segment, measured.fingerprint);
  return { ...segment, ...measured, origin: 'found' };
}

/** In the archive already, or compressed into a staged file that is proved. */
export interface PreparedSegment extends AdmittedSegment {
  readonly prepared: StoredSegment | WrittenSegment;
}

export interface StoredInBatch extends AdmittedSegment {
  readonly stored: StoredSegment;
}

/** A segment whose staged file is about to be published. */
interface StagedSegment extends AdmittedSegment {
  readonly compressed: CompressedSegment;
  readonly staging: Staging;
}

/** Publishes the staged files of a batch with one call of the store, and gives an answer for each segment. */
export async function publishAll(
  batch: Pick<BatchRun, 'store'>,
  all: readonly PreparedSegment[],
): Promise<readonly (StoredInBatch | WalqError)[]> {
  const answers = new Map<SegmentRun, StoredSegment | WalqError>();
  const staged: StagedSegment[] = [];
  for (const { run, segment, prepared } of all) {
    if (!('staging' in prepared)) answers.set(run, prepared);
    else {
      const ready = await settled(() => announced(run, prepared));
      if (isWalqError(ready)) answers.set(run, await discarded(run, prepared.staging, ready));
      else staged.push({ run, segment, ...ready });
    }
  }
  const published = await publishStaged(batch, staged);
  for (const [at, { run, compressed }] of staged.entries()) {
    answers.set(run, await toStored(run, compressed, published[at]));
  }
  return all.map(({ run, segment }) => {
    const stored = answers.get(run) ?? notAnswered(segment);
    return isWalqError(stored) ? stored : { run, segment, stored };
  });
}

async function announced(
  run: SegmentRun,
  written: WrittenSegment,
): Promise<Pick<StagedSegment, 'compressed' | 'staging'>> {
  const compressed = await madeDurable(run, written);
  await run.onStep('publish', compressed.name.name);
  throwIfStopped(run);
  return { compressed, staging: await saveForRetry(run, compressed) };
}

/** Waits for the fsync of the staged file. */
export async function madeDurable(
  run: SegmentRun,
  written: WrittenSegment,
): Promise<CompressedSegment> {
  await timed([run.clock], ['durationMs', 'storeMs'], async () => written.durable);
  return { ...written, durable: undefined };
}

async function publishStaged(
  { store }: Pick<BatchRun, 'store'>,
  staged: readonly StagedSegment[],
): Promise<readonly Published[]> {
  const clocks = staged.map(({ run }) => run.clock);
  const stagings = staged.map(({ staging }) => staging);
  return timed(clocks, ['durationMs', 'storeMs'], () => store.publish(stagings));
}

async function toStored(
  run: SegmentRun,
  compressed: CompressedSegment,
  published: Published = notAnswered(compressed),
): Promise<StoredSegment | WalqError> {
  const { staging, objectBytes, ...measured } = compressed;
  if (published === 'published') return { ...measured, origin: 'published', objectBytes };
  if (published === 'exists') return { ...measured, origin: 'found' };
  return discarded(run, staging, published);
}

/** A staging saved for a retry has another name by now and is not discarded. */
async function discarded(
  run: SegmentRun,
  staging: Staging,
  failure: WalqError,
): Promise<WalqError> {
  await discardStaging(run, staging);
  return failure;
}

const notAnswered = ({ name }: SourceSegment): WalqError =>
  new WalqError('unexpected', { message: `the store gave no answer for ${name.name}` });

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
