/** What a repair would find, without changing anything: decodes each object and compares it with its source. */
import { isBelowFloor, notArchivedBelowFloor } from '../../archive/floor.ts';
import { assertSameContent } from '../../pipeline/confirm.ts';
import type { Disk } from '../../base/disk/disk.ts';
import type { ArchivedObject } from '../../archive/decode-archived.ts';
import { isWalqError, type WalqError } from '../../base/failure/walq-error.ts';
import { withNames } from '../../base/failure/advice.ts';
import { mapInOrder } from '../../reading/map-in-order.ts';
import { checkObject, type ObjectHealth } from '../../pipeline/replace-object.ts';
import type { OpenSource } from '../../pipeline/open-source.ts';
import { segmentPath } from '../../source/source.ts';
import { stateAtSource } from '../../source/at-source.ts';
import type { SegmentName } from '../../source/segment-name.ts';
import { keyOfFile, keyOfOtherPartial, type ArchiveKey } from '../../store/archive-key.ts';
import { newProgress } from '../../codec/thread-signals.ts';
import type { Threads } from '../../threads/threads.ts';

export type SegmentHealth =
  | ObjectHealth
  /** The object is sound, and the file has different content: the failure says how. */
  | { readonly kind: 'differs'; readonly failure: WalqError }
  /** Archiving the segment would fail. */
  | { readonly kind: 'refused'; readonly failure: WalqError };

export interface CheckedSegment {
  readonly segment: string;
  readonly health: SegmentHealth;
}

interface SegmentCheckOptions {
  readonly disk: Disk;
  readonly open: OpenSource;
  readonly threads: Threads;
  readonly signal: AbortSignal;
}

/** In the order of the segments. */
export const checkSegments = (
  options: SegmentCheckOptions,
  segments: readonly SegmentName[],
): AsyncGenerator<CheckedSegment> =>
  mapInOrder(segments, options.threads.parallelism, async (segment) => ({
    segment: segment.name,
    health: await checkSegment(options, segment),
  }));

async function checkSegment(
  options: SegmentCheckOptions,
  segment: SegmentName,
): Promise<SegmentHealth> {
  const { disk, open, threads, signal } = options;
  const { store, source } = open;
  try {
    await open.gate.admit(segment);
    const floors = await open.retention.floors();
    if (isBelowFloor(floors, segment)) throw notArchivedBelowFloor(floors, segment, source.name);
    const state = await stateAtSource(disk, source, segment);
    const key = keyOfFile(source.name, segment, state?.size);
    const health = await checkObject({ store, threads, signal }, key);
    // The archive keeps each content of several partial files with one name.
    if (keyOfOtherPartial(key, '') !== undefined) return health;
    return await compareWithSource(options, segment, key, health);
  } catch (error) {
    const isOfSegment = isWalqError(
      error,
      'segment-not-flushed',
      'below-prune-floor',
      'source-missing',
      'segment-malformed',
      'segment-name-refused',
    );
    if (!isOfSegment) throw error;
    const names = { source: source.name, segment: segment.name };
    return { kind: 'refused', failure: withNames(error, names) };
  }
}

async function compareWithSource(
  { open: { source, sourceId }, threads, signal }: SegmentCheckOptions,
  name: SegmentName,
  key: ArchiveKey,
  health: ObjectHealth,
): Promise<SegmentHealth> {
  const path = segmentPath(source, name.name);
  const task = { sourcePath: path, progress: newProgress() };
  const measured = await threads.checksum(task, signal).catch((error: unknown) => {
    // A sound object no longer needs its source.
    if (health.kind === 'sound' && isWalqError(error, 'source-missing')) return undefined;
    throw error;
  });
  if (health.kind !== 'sound' || measured === undefined) return health;
  const object: ArchivedObject = health;
  try {
    const file = { source, sourceId, name, key, path, ...measured };
    await assertSameContent({ threads, signal }, file, object);
    return health;
  } catch (error) {
    if (!isWalqError(error, 'segment-grew', 'duplicate')) throw error;
    return {
      kind: 'differs',
      failure: withNames(error, { source: source.name, segment: name.name }),
    };
  }
}
