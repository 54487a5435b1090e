/**
 * Archive → plain segments in a directory: parallel, every byte checked, each file whole or not there (I5).
 * What was restored before, by a run that was killed too, is proved and kept.
 */
import { dirname } from 'node:path';
import { WalqError } from '../../base/failure/walq-error.ts';
import type { KnownGap } from '../../archive/acknowledged-gaps.ts';
import { mapInOrder } from '../map-in-order.ts';
import type { OrderedKey } from '../in-order.ts';
import { destinationFailure } from './destination-failure.ts';
import { refuseNoRoom, type RoomOptions } from './needed-room.ts';
import {
  refusePath,
  restoreSegment,
  type RestoredSegment,
  type SegmentPlace,
} from './restore-segment.ts';
import { LEFTOVER_WATCH_MS, sweepLeftovers } from './sweep-leftovers.ts';
import { findWanted, type WantedOptions } from './wanted.ts';

export interface RestoreOptions extends WantedOptions, SegmentPlace, RoomOptions {
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

/**
 * Rejects before anything is written when segments of the range are missing (`object-missing`) or do not fit
 * (`destination-full`); later at the first that cannot be restored: those restored before it stay.
 */
export async function restoreRange(options: RestoreOptions): Promise<RestoreReport> {
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

async function restoreAll(options: RestoreOptions, keys: readonly OrderedKey[]) {
  let segments = 0;
  let bytes = 0;
  let present = 0;
  const restore = (key: OrderedKey) => restoreSegment(options, key);
  try {
    for await (const restored of mapInOrder(keys, options.threads.parallelism, restore)) {
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
async function prepareDestination({ disk, destination }: RestoreOptions): Promise<void> {
  const made = await disk.makeDirectory(destination).catch(destinationFailure(destination));
  for (const directory of made) {
    await disk.syncDirectory(dirname(directory)).catch(destinationFailure(directory));
  }
}
