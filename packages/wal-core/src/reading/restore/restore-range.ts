/**
 * Archive → plain segments in a directory: parallel, every byte checked, each file whole or not there (I5).
 * What was restored before, by a run that was killed too, is proved and kept.
 */
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import type { Disk } from '../../base/disk/disk.ts';
import { nodeDisk } from '../../base/disk/node-disk.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import type { KnownGap } from '../../archive/acknowledged-gaps.ts';
import { createThreadPool } from '../../threads/thread-pool.ts';
import type { Threads } from '../../threads/threads.ts';
import type { ManifestIndex } from '../manifest-index.ts';
import { mapInOrder } from '../map-in-order.ts';
import type { OrderedKey } from '../in-order.ts';
import { destinationFailure } from './destination-failure.ts';
import { refuseNoRoom } from './needed-room.ts';
import {
  refusePath,
  restoreSegment,
  type RestoredSegment,
  type SegmentPlace,
} from './restore-segment.ts';
import { LEFTOVER_WATCH_MS, sweepLeftovers } from './sweep-leftovers.ts';
import { findWanted, type WantedOptions } from './wanted.ts';

export interface RestoreOptions extends WantedOptions {
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
type Restore = RestoreOptions & SegmentPlace;

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
  const { keys, missing } = await findWanted(options);
  refuseMissing(options, missing);
  for (const { key } of keys) refusePath(key.segment);
  await prepareDestination(options);
  const { disk, destination, naming, signal, leftoverWatchMs = LEFTOVER_WATCH_MS } = options;
  await sweepLeftovers(disk, destination, naming, { signal, watchMs: leftoverWatchMs });
  await refuseNoRoom(options, keys);
  options.onPlan?.(keys.length);
  const done = await restoreAll(options, keys);
  return { ...done, gaps: missing, durationMs: Math.round(performance.now() - startedMs) };
}

async function restoreAll(options: Restore, keys: readonly OrderedKey[]) {
  let segments = 0;
  let bytes = 0;
  let present = 0;
  const bringBack = (key: OrderedKey) => restoreSegment(options, key);
  try {
    for await (const restored of mapInOrder(keys, options.threads.parallelism, bringBack)) {
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

function refuseMissing(
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
