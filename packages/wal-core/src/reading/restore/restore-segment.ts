/** Restores one segment: whole under its name, or not at all (I5). An existing file is never replaced. */
import { join } from 'node:path';
import { sameChecksum } from '../../codec/source-checksum.ts';
import { discard, temporaryNameFor } from '../../base/disk/write-file-durably.ts';
import type { Disk, FileState } from '../../base/disk/disk.ts';
import { errnoOf, isExisting, isMissing, reasonOf } from '../../base/failure/system-error.ts';
import { isWalqError, WalqError } from '../../base/failure/walq-error.ts';
import { withNames } from '../../base/failure/advice.ts';
import type { OrderedKey } from '../keys-in-order.ts';
import { readManifest, assertMatchesKey } from '../../store/stored-object.ts';
import type { ArchiveStore } from '../../store/store.ts';
import type { SourceChecksum } from '../../codec/source-checksum.ts';
import type { Threads } from '../../threads/threads.ts';
import { whyGone } from './plan-restore.ts';
import { decodeArchived, type ArchivedObject } from '../../archive/decode-archived.ts';
import type { ArchiveKey } from '../../store/archive-key.ts';

export interface RestoreTarget {
  readonly disk: Disk;
  readonly store: ArchiveStore;
  readonly threads: Threads;
  readonly destination: string;
  readonly signal: AbortSignal;
}

export interface RestoredSegment {
  readonly segment: string;
  readonly bytes: number;
  /** `present`: an equal file existed already. */
  readonly outcome: 'restored' | 'present';
}

interface Expected {
  readonly bytes: number;
  readonly sourceChecksum: SourceChecksum;
}

export async function restoreSegment(
  target: RestoreTarget,
  ordered: OrderedKey,
): Promise<RestoredSegment> {
  target.signal.throwIfAborted();
  const { source, segment } = ordered.key;
  try {
    return await restoreOne(target, ordered);
  } catch (error) {
    throw isWalqError(error) ? withNames(error, { source, segment }) : error;
  }
}

async function restoreOne(target: RestoreTarget, ordered: OrderedKey): Promise<RestoredSegment> {
  const { key } = ordered;
  assertPlainName(key.segment);
  const path = join(target.destination, key.segment);
  const there = await stateOf(target.disk, path);
  if (there === undefined) return restoreNew(target, ordered, path);
  const manifest = await readManifest(target.store, key);
  if (manifest === undefined) throw await whyGone(target.store, ordered);
  await proveSame(target, path, there, manifest);
  return { segment: key.segment, bytes: manifest.bytes, outcome: 'present' };
}

async function restoreNew(
  target: RestoreTarget,
  ordered: OrderedKey,
  path: string,
): Promise<RestoredSegment> {
  const { key } = ordered;
  const temporary = temporaryNameFor(path);
  try {
    const task = { ...target, key, path: temporary, durable: true };
    const object = await decodeTo(task).catch(undefinedIfMissing);
    if (object === undefined) throw await whyGone(target.store, ordered);
    const outcome = await linkInto(target, temporary, path, object.decoded);
    return { segment: key.segment, bytes: object.decoded.bytes, outcome };
  } finally {
    await discard(target.disk, temporary);
  }
}

/** Another restore to the same directory may have been faster. */
async function linkInto(
  target: RestoreTarget,
  temporary: string,
  path: string,
  expected: Expected,
): Promise<RestoredSegment['outcome']> {
  try {
    await target.disk.link(temporary, path);
    return 'restored';
  } catch (error) {
    if (!isExisting(error)) return renameInstead(target.disk, temporary, path, error);
  }
  const there = await stateOf(target.disk, path);
  if (there === undefined)
    throw new WalqError('destination-io', { message: `${path} was removed during the restore` });
  await proveSame(target, path, there, expected);
  return 'present';
}

/**
 * Verifies that the existing file equals the archived content, and makes it durable: its writer may not have done so.
 */
async function proveSame(
  { disk, threads, signal }: RestoreTarget,
  path: string,
  there: FileState,
  expected: Expected,
): Promise<void> {
  const isSame =
    there.kind === 'file' &&
    Number(there.size) === expected.bytes &&
    (await holds(threads, path, expected.sourceChecksum, signal));
  if (!isSame) {
    throw new WalqError('destination-exists', {
      message: `${path} exists already, with different content`,
    });
  }
  await disk.syncFile(path).catch(destinationFailure(path));
}

async function holds(
  threads: Threads,
  path: string,
  expected: SourceChecksum,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const { sourceChecksum } = await threads.checksum({ sourcePath: path }, signal);
    return sameChecksum(sourceChecksum, expected);
  } catch (error) {
    if (isWalqError(error, 'segment-malformed')) return false;
    throw error;
  }
}

/** For a destination without hard links. There, a file that appears at this very moment could be overwritten. */
async function renameInstead(disk: Disk, temporary: string, path: string, error: unknown) {
  const hasNoLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errnoOf(error) ?? '');
  if (!hasNoLinks) return destinationFailure(path)(error);
  if ((await stateOf(disk, path)) !== undefined) {
    throw new WalqError('destination-exists', { message: `${path} exists already` });
  }
  await disk.rename(temporary, path).catch(destinationFailure(path));
  return 'restored' as const;
}

async function stateOf(disk: Disk, path: string): Promise<FileState | undefined> {
  return disk.lstat(path).catch((cause: unknown) => {
    if (isMissing(cause)) return undefined;
    return destinationFailure(path)(cause);
  });
}

/** The name comes from the archive, which another party may have written: it must stay within the destination. */
export function assertPlainName(segment: string): void {
  if (!/[/\0]/.test(segment) && segment !== '.' && segment !== '..') return;
  throw new WalqError('segment-name-refused', { message: `'${segment}' is not a file name` });
}

/** Undefined where the object was removed before it was opened. */
function undefinedIfMissing(error: unknown): undefined {
  if (!isWalqError(error, 'object-missing')) throw error;
}

// Decodes one object into a plain file. Every byte is checked against the object's manifest.

interface DecodeToOptions {
  readonly store: ArchiveStore;
  readonly threads: Threads;
  readonly key: ArchiveKey;
  /** Path of a new file. */
  readonly path: string;
  /** Whether to fsync it. */
  readonly durable: boolean;
  readonly signal: AbortSignal;
}

/** Undefined when the archive has no such object. Rejects with `object-corrupt` where it names another segment. */
export async function decodeTo({
  path,
  durable,
  ...options
}: DecodeToOptions): Promise<ArchivedObject | undefined> {
  const object = await decodeArchived({ ...options, destination: { path, durable } });
  if (object !== undefined) assertMatchesKey(object.manifest, options.key);
  return object;
}

/** Turns a failed system call at the destination into a failure of the catalogue. */
export const destinationFailure =
  (path: string) =>
  (cause: unknown): never => {
    const isFull = ['ENOSPC', 'EDQUOT'].includes(errnoOf(cause) ?? '');
    throw new WalqError(isFull ? 'destination-full' : 'destination-io', {
      message: `unable to write ${path}: ${reasonOf(cause)}`,
      cause,
    });
  };
