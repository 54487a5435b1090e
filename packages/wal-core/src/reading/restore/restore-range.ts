/**
 * Archive → plain segments in a directory: parallel, every byte checked, each file whole or not there (I5).
 * What was restored before, by a run that was killed too, is proved and kept.
 */
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Disk } from '../../base/disk/disk.ts';
import { nodeDisk } from '../../base/disk/node-disk.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import type { KnownGap } from '../../archive/acknowledged-gaps.ts';
import { createThreadPool } from '../../threads/thread-pool.ts';
import type { Threads } from '../../threads/threads.ts';
import type { ManifestIndex } from '../manifest-index.ts';
import { mapInOrder } from '../map-in-order.ts';
import type { OrderedKey } from '../keys-in-order.ts';
import {
  destinationFailure,
  assertPlainName,
  restoreSegment,
  type RestoredSegment,
  type RestoreTarget,
} from './restore-segment.ts';
import { planRestore, type RestorePlanOptions } from './plan-restore.ts';
import { ifPresent, isMissing } from '../../base/failure/system-error.ts';
import { keyPath } from '../../store/archive-key.ts';
import { readManifest } from '../../store/stored-object.ts';
import type { ArchiveStore } from '../../store/store.ts';
import { discard, isTemporaryName } from '../../base/disk/write-file-durably.ts';
import type { SegmentNaming } from '../../source/naming.ts';

export interface RestoreOptions extends RestorePlanOptions {
  /** The directory to restore to; made when it is not there. */
  readonly destination: string;
  /** @default the machine's filesystem */
  readonly disk?: Disk;
  /** What decodes. @default a pool with a thread for each core, closed in the end */
  readonly threads?: Threads;
  readonly signal?: AbortSignal;
  /** Spares the reading of manifests that were read before. */
  readonly index?: ManifestIndex;
  /** Restores what there is of a range of which segments are missing. @default false */
  readonly allowGaps?: boolean;
  /**
   * What a killed restore left is removed once it has not changed for this long, in milliseconds; only waited
   * for where there is anything. @default 3000
   */
  readonly leftoverWatchMs?: number;
  /** Told how many segments there are to restore, before the first. */
  readonly onPlan?: (segments: number) => void;
  readonly onSegment?: (restored: RestoredSegment) => void;
}

export interface RestoreReport {
  readonly segments: number;
  readonly bytes: number;
  /** Of the segments: those of which an equal file was there already. */
  readonly present: number;
  /** Segments that are missing, and whose absence was acknowledged or allowed. */
  readonly gaps: readonly KnownGap[];
  readonly durationMs: number;
}

/** What was left out of the options has its default. */
type Restore = RestoreOptions & RestoreTarget;

/**
 * Restores the segments of a range.
 *
 * @throws WalqError `object-missing` or `destination-full` before anything is written, where segments of the
 * range are missing or do not fit; later at the first that cannot be restored: those restored before it stay
 */
export async function restoreRange(options: RestoreOptions): Promise<RestoreReport> {
  const threads = options.threads ?? createThreadPool({ parallelism: availableParallelism() });
  const { signal = new AbortController().signal, disk = nodeDisk } = options;
  try {
    return await restore({ ...options, disk, signal, threads });
  } finally {
    if (options.threads === undefined) await threads.close();
  }
}

async function restore(options: Restore): Promise<RestoreReport> {
  const startedMs = performance.now();
  const { keys, missing } = await planRestore(options);
  assertNoneMissing(options, missing);
  for (const { key } of keys) assertPlainName(key.segment);
  await prepareDestination(options);
  const { disk, destination, naming, signal, leftoverWatchMs = LEFTOVER_WATCH_MS } = options;
  await sweepLeftovers(disk, destination, naming, { signal, watchMs: leftoverWatchMs });
  await assertRoom(options, keys);
  options.onPlan?.(keys.length);
  const done = await restoreAll(options, keys);
  return { ...done, gaps: missing, durationMs: Math.round(performance.now() - startedMs) };
}

async function restoreAll(options: Restore, keys: readonly OrderedKey[]) {
  let segments = 0;
  let bytes = 0;
  let present = 0;
  const restoreObject = (key: OrderedKey) => restoreSegment(options, key);
  try {
    for await (const restored of mapInOrder(keys, options.threads.parallelism, restoreObject)) {
      segments += 1;
      bytes += restored.bytes;
      if (restored.outcome === 'present') present += 1;
      options.onSegment?.(restored);
    }
  } finally {
    await options.disk
      .syncDirectory(options.destination)
      .catch(destinationFailure(options.destination));
  }
  return { segments, bytes, present };
}

const NAMED_MAX = 5;

function assertNoneMissing(
  { source, allowGaps = false }: RestoreOptions,
  missing: readonly KnownGap[],
): void {
  const open = missing.filter(({ acknowledged }) => acknowledged === null);
  if (open.length === 0 || allowGaps) return;
  const named = open.slice(0, NAMED_MAX).map(describe).join('; ');
  const more = open.length > NAMED_MAX ? `; and ${open.length - NAMED_MAX} more gaps` : '';
  throw new WalqError('object-missing', {
    message: `segments of '${source}' are missing in the range that is to be restored: ${named}${more}`,
    hint: `Nothing was restored. To restore the others all the same: --allow-gaps. All gaps: walq verify ${source}.`,
  });
}

const describe = ({ after, before, missing }: KnownGap): string =>
  after === before ? after : `${missing} between ${after} and ${before}`;

/** The directories that it makes are durable as well. */
async function prepareDestination({ disk, destination }: Restore): Promise<void> {
  const made = await disk.makeDirectory(destination).catch(destinationFailure(destination));
  for (const directory of made) {
    await disk.syncDirectory(dirname(directory)).catch(destinationFailure(directory));
  }
}

const READS_MAX = 16;
/** Files take whole blocks. */
const BLOCK_BYTES = 4096;

/**
 * Refuses what does not fit, before anything is written: by the manifests of those that are not at the
 * destination yet. A file that is there with another length is refused as well.
 */
async function assertRoom(options: Restore, keys: readonly OrderedKey[]): Promise<void> {
  const { disk, destination, signal } = options;
  let needed = 0;
  const measure = async (key: OrderedKey) => {
    signal.throwIfAborted();
    return bytesToWrite(options, key);
  };
  for await (const bytes of mapInOrder(keys, READS_MAX, measure)) {
    needed += Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
  }
  const { freeBytes } = await disk.space(destination).catch(destinationFailure(destination));
  if (needed <= freeBytes) return;
  throw new WalqError('destination-full', {
    message: `unable to restore to ${destination}: ${megabytes(needed)} are still to be written, ${megabytes(freeBytes)} are free there`,
  });
}

async function bytesToWrite(
  { disk, store, destination, index }: Restore,
  { key }: OrderedKey,
): Promise<number> {
  const path = join(destination, key.segment);
  const bytes = await bytesOf(store, key, index);
  const there = await disk.lstat(path).catch((error: unknown) => {
    if (!isMissing(error)) destinationFailure(path)(error);
  });
  if (there === undefined) return bytes;
  if (there.kind === 'file' && Number(there.size) === bytes) return 0;
  const what =
    there.kind === 'file'
      ? `with ${there.size} bytes instead of ${bytes}`
      : `and is a ${there.kind}`;
  throw new WalqError('destination-exists', { message: `${path} is there already, ${what}` });
}

async function bytesOf(
  store: ArchiveStore,
  key: OrderedKey['key'],
  index: ManifestIndex | undefined,
): Promise<number> {
  const stat = await store.stat(key);
  const known = stat && index?.get(key, stat);
  const manifest = known ?? (await readManifest(store, key));
  if (manifest !== undefined) return manifest.bytes;
  throw new WalqError('object-missing', { message: `${keyPath(key)} is gone` });
}

const megabytes = (bytes: number): string =>
  `${(bytes / 1e6).toLocaleString('en-US', { maximumFractionDigits: 1 })} MB`;

// What a restore that was killed left at its destination.

/** The file of a restore that is under way grows within this time. */
const LEFTOVER_WATCH_MS = 3_000;
/** Behind a segment's name: `.`, a UUID and `.tmp`. */
const SUFFIX_CHARACTERS = 41;
/** Of a longer name a temporary one has only the beginning. */
const NAME_CHARACTERS_MAX = 64;

/**
 * Removes the temporary files of segments that nobody writes to: it looks twice, and only waits where there are
 * any. A restore that is only slow and is taken for dead fails, and never gives a file its name that is not whole.
 */
async function sweepLeftovers(
  disk: Disk,
  directory: string,
  naming: SegmentNaming,
  { signal, watchMs }: { readonly signal: AbortSignal; readonly watchMs: number },
): Promise<number> {
  const before = await leftovers(disk, directory, naming);
  if (before.size === 0) return 0;
  await delay(watchMs, undefined, { signal });
  const now = await leftovers(disk, directory, naming);
  const dead = [...before].filter(([path, state]) => now.get(path) === state);
  for (const [path] of dead) await discard(disk, path);
  return dead.length;
}

/** Path and state of each. */
async function leftovers(
  disk: Disk,
  directory: string,
  naming: SegmentNaming,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const names of disk.list(directory)) {
    for (const name of names.filter((one) => isLeftover(one, naming))) {
      const path = join(directory, name);
      const state = await ifPresent(disk.lstat(path));
      if (state?.kind === 'file') {
        found.set(path, `${state.inode}:${state.size}:${state.mtimeNs}:${state.ctimeNs}`);
      }
    }
  }
  return found;
}

function isLeftover(fileName: string, naming: SegmentNaming): boolean {
  if (!isTemporaryName(fileName)) return false;
  const segment = fileName.slice(1, -SUFFIX_CHARACTERS);
  return segment.length === NAME_CHARACTERS_MAX || naming.parse(segment) !== undefined;
}
