/**
 * Archive → plain segments in a directory: in parallel, every byte checked, each file whole or absent (I5). Files
 * that an
 * earlier restore left, even a killed one, are verified and kept.
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
  /** The directory to restore to; it is created if missing. */
  readonly destination: string;
  /** @default the machine's filesystem */
  readonly disk?: Disk;
  /** Threads that decode. @default a pool with one thread per core, closed at the end */
  readonly threads?: Threads;
  readonly signal?: AbortSignal;
  /** Cache of manifests that were read before. */
  readonly index?: ManifestIndex;
  /** Whether to restore a range with missing segments. @default false */
  readonly allowGaps?: boolean;
  /**
   * Temporary files of a killed restore are removed once they have not changed for this long, in milliseconds. The
   * restore
   * waits only where there are any. @default 3000
   */
  readonly leftoverWatchMs?: number;
  /** Called with the number of segments to restore, before the first. */
  readonly onPlan?: (segments: number) => void;
  readonly onSegment?: (restored: RestoredSegment) => void;
}

export interface RestoreReport {
  readonly segments: number;
  readonly bytes: number;
  /** How many of the segments were at the destination already. */
  readonly present: number;
  /** Gaps in the range: acknowledged, or allowed by `allowGaps`. */
  readonly gaps: readonly KnownGap[];
  readonly durationMs: number;
}

type Restore = RestoreOptions & RestoreTarget;

/**
 * Restores the segments of a range.
 *
 * @throws WalqError `object-missing` or `destination-full` before anything is written, where segments of the range
 * are
 * missing or do not fit; later at the first segment that cannot be restored, while those restored before it stay
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
    message: `segments of '${source}' are missing in the requested range: ${named}${more}`,
    hint: `Nothing was restored. To restore the other segments, repeat with --allow-gaps. To list all gaps: walq verify ${source}.`,
  });
}

const describe = ({ after, before, missing }: KnownGap): string =>
  after === before ? after : `${missing} between ${after} and ${before}`;

/** Creates the destination; new directories are made durable. */
async function prepareDestination({ disk, destination }: Restore): Promise<void> {
  const made = await disk.makeDirectory(destination).catch(destinationFailure(destination));
  for (const directory of made) {
    await disk.syncDirectory(dirname(directory)).catch(destinationFailure(directory));
  }
}

const READS_MAX = 16;
/** Files occupy whole blocks. */
const BLOCK_BYTES = 4096;

/**
 * Rejects before anything is written where the segments do not fit, according to the manifests of those that are not
 * at the
 * destination yet. Also rejects where a file with another length exists.
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
    message: `unable to restore to ${destination}: ${megabytes(needed)} are needed, ${megabytes(freeBytes)} are free`,
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
  throw new WalqError('destination-exists', { message: `${path} exists already, ${what}` });
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
  throw new WalqError('object-missing', {
    message: `${keyPath(key)} was removed during the restore`,
  });
}

const megabytes = (bytes: number): string =>
  `${(bytes / 1e6).toLocaleString('en-US', { maximumFractionDigits: 1 })} MB`;

// Removes what a killed restore left at the destination.

/** The file of a running restore grows within this time. */
const LEFTOVER_WATCH_MS = 3_000;
/** After the segment's name: `.`, a UUID and `.tmp`. */
const SUFFIX_CHARACTERS = 41;
/** A temporary name contains only this much of a longer segment name. */
const NAME_CHARACTERS_MAX = 64;

/**
 * Removes temporary files that no process writes to: it lists them twice and waits in between, only where there are
 * any. A
 * slow restore that is mistaken for a dead one fails; it never creates an incomplete file under a segment's name.
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

/** Path and state of each temporary file. */
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
