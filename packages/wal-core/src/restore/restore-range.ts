/** Archive → plain segments in a directory: parallel, every byte checked, each file whole or not there (I5). */
import { join } from 'node:path';
import { discard, temporaryNameFor, type Disk } from '../disk/index.ts';
import {
  errnoOf,
  isExisting,
  isMissing,
  isWalqError,
  reasonOf,
  WalqError,
} from '../failure/index.ts';
import {
  keysInOrder,
  mapInOrder,
  withinRange,
  type OrderedKey,
  type SegmentRange,
} from '../inspect/index.ts';
import { sameChecksum } from '../compress/index.ts';
import type { SegmentNaming } from '../segment/index.ts';
import type { Threads } from '../threads/index.ts';
import { keyPath, parseManifest, type ArchiveStore, type SourceChecksum } from '../store/index.ts';

export interface RestoreOptions {
  readonly disk: Disk;
  readonly store: ArchiveStore;
  readonly threads: Threads;
  readonly source: string;
  readonly naming: SegmentNaming;
  /** Made when it is not there. A file in it that is equal already is left; another is refused. */
  readonly destination: string;
  readonly range?: SegmentRange;
  readonly signal: AbortSignal;
  readonly onSegment?: (restored: RestoredSegment) => void;
}

export interface RestoredSegment {
  readonly segment: string;
  readonly bytes: number;
  /** `present`: an equal file was there already. */
  readonly outcome: 'restored' | 'present';
}

export interface RestoreReport {
  readonly segments: number;
  readonly bytes: number;
  readonly durationMs: number;
}

/** Rejects at the first segment that cannot be restored; those restored before it stay. */
export async function restoreRange(options: RestoreOptions): Promise<RestoreReport> {
  const startedMs = performance.now();
  await prepareDestination(options);
  const ordered = keysInOrder(options.store, options.source, options.naming);
  const keys = withinRange(ordered, options.range);
  let segments = 0;
  let bytes = 0;
  const restore = (key: OrderedKey) => restoreSegment(options, key);
  for await (const restored of mapInOrder(keys, options.threads.parallelism, restore)) {
    segments += 1;
    bytes += restored.bytes;
    options.onSegment?.(restored);
  }
  await options.disk.syncDirectory(options.destination).catch(failed(options.destination));
  return { segments, bytes, durationMs: Math.round(performance.now() - startedMs) };
}

async function restoreSegment(
  options: RestoreOptions,
  { key }: OrderedKey,
): Promise<RestoredSegment> {
  options.signal.throwIfAborted();
  refusePath(key.segment);
  const destination = join(options.destination, key.segment);
  const temporary = temporaryNameFor(destination);
  const local = await options.store.fetch(key);
  const where = keyPath(key);
  if (local === undefined) throw new WalqError('object-missing', { message: `${where} is gone` });
  try {
    const task = { objectPath: local.path, where, destinationPath: temporary };
    const object = await options.threads.decode(task, options.signal);
    refuseOtherSegment(where, key.segment, parseManifest(where, object.manifestJson).segment);
    const outcome = await place(options, temporary, destination, object.decoded.sourceChecksum);
    return { segment: key.segment, bytes: object.decoded.bytes, outcome };
  } finally {
    await discard(options.disk, temporary);
    await local.release();
  }
}

/** Gives the whole file its name without ever replacing another. */
async function place(
  { disk, threads, signal }: RestoreOptions,
  temporary: string,
  destination: string,
  expected: SourceChecksum,
): Promise<RestoredSegment['outcome']> {
  try {
    await disk.link(temporary, destination);
    return 'restored';
  } catch (error) {
    if (!isExisting(error)) return renameInstead(disk, temporary, destination, error);
  }
  if (await holds(threads, destination, expected, signal)) return 'present';
  throw new WalqError('destination-exists', {
    message: `${destination} is there already, with other content`,
  });
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

/** For a destination without hard links: there a file that appears in this very moment could be lost. */
async function renameInstead(disk: Disk, temporary: string, destination: string, error: unknown) {
  const hasNoLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errnoOf(error) ?? '');
  if (!hasNoLinks) return failed(destination)(error);
  const state = await disk.lstat(destination).catch((cause: unknown) => {
    if (isMissing(cause)) return undefined;
    return failed(destination)(cause);
  });
  if (state !== undefined) {
    throw new WalqError('destination-exists', { message: `${destination} is there already` });
  }
  await disk.rename(temporary, destination).catch(failed(destination));
  return 'restored' as const;
}

async function prepareDestination({ disk, destination }: RestoreOptions): Promise<void> {
  await disk.makeDirectory(destination).catch(failed(destination));
}

/** A name comes from the archive, which someone else may have written: it stays within the destination. */
function refusePath(segment: string): void {
  if (!/[/\0]/.test(segment) && segment !== '.' && segment !== '..') return;
  throw new WalqError('segment-name-refused', { message: `'${segment}' is no file name` });
}

function refuseOtherSegment(where: string, wanted: string, found: string): void {
  if (wanted === found) return;
  throw new WalqError('object-corrupt', { message: `${where} says that it is segment ${found}` });
}

const failed =
  (path: string) =>
  (cause: unknown): never => {
    throw new WalqError('destination-io', {
      message: `unable to write ${path}: ${reasonOf(cause)}`,
      cause,
    });
  };
