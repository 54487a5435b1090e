/**
 * Collects samples as plain files: most to train on, every fourth to measure on, which the trainer never sees.
 * Bounded in
 * number and bytes, whatever the source holds.
 */
import { join } from 'node:path';
import { discard } from '../../base/disk/write-file-durably.ts';
import { nodeDisk } from '../../base/disk/node-disk.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import type { Threads } from '../../threads/threads.ts';
import { copySample } from './copy-sample.ts';
import { createDueView } from '../../reading/due-view.ts';
import type { Disk } from '../../base/disk/disk.ts';
import { keysInOrder } from '../../reading/keys-in-order.ts';
import type { OpenSource } from '../../pipeline/open-source.ts';
import { segmentPath } from '../../source/source.ts';
import type { SegmentNaming } from '../../source/naming.ts';
import { archiveKeyOf, type ArchiveKey } from '../../store/archive-key.ts';
import type { ArchiveStore } from '../../store/store.ts';

/** How many of the newest segments are used. */
const SEGMENTS_MAX = 512;
/** With fewer there would be nothing to measure on. */
const SEGMENTS_MIN = 20;
const MEASURED_EVERY = 4;
/** zstd's trainer uses no more of a file. */
const TRAINED_BYTES_OF_SEGMENT_MAX = 128 * 1024;
/** 100 times the largest dictionary, as zstd advises. */
const TRAINED_BYTES_MAX = 11 * 1024 * 1024;
/** Whole segments, at least one. */
const MEASURED_BYTES_MAX = 64 * 1024 * 1024;

export interface CollectOptions extends TrainingSource {
  readonly threads: Threads;
  /** An empty directory for the samples alone. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly onStart?: (count: number) => void;
  readonly onSegment?: () => void;
}

export interface Samples {
  /** Paths of files with the beginnings of segments. */
  readonly trained: readonly string[];
  readonly trainedBytes: number;
  /** Paths of files with whole segments. */
  readonly measured: readonly string[];
  readonly measuredBytes: number;
  /** How many segments the source and its archive hold. */
  readonly segmentCount: number;
}

/** Rejects with `samples-too-few`, `cancelled`, or a failure of the source or the archive. */
export async function collectSamples(options: CollectOptions): Promise<Samples> {
  const { newest, count: segmentCount } = await newestSegments(options, SEGMENTS_MAX);
  if (newest.length < SEGMENTS_MIN) throw tooFew(options.source, newest.length);
  options.onStart?.(newest.length);
  const trained = new Pile(TRAINED_BYTES_MAX);
  const measured = new Pile(MEASURED_BYTES_MAX);
  // Newest first: where there is no room for all, the oldest are left out.
  for (const [index, segment] of newest.toReversed().entries()) {
    options.signal.throwIfAborted();
    const isMeasured = index % MEASURED_EVERY === MEASURED_EVERY - 1;
    const bytesMax = isMeasured ? Infinity : TRAINED_BYTES_OF_SEGMENT_MAX;
    await addSample(options, isMeasured ? measured : trained, segment, bytesMax);
    options.onSegment?.();
  }
  if (measured.files.length === 0) throw tooFew(options.source, trained.files.length);
  return {
    trained: trained.files,
    trainedBytes: trained.bytes,
    measured: measured.files,
    measuredBytes: measured.bytes,
    segmentCount,
  };
}

async function addSample(
  { store, threads, directory, signal }: CollectOptions,
  pile: Pile,
  segment: TrainingSegment,
  bytesMax: number,
): Promise<void> {
  if (pile.isFull) return;
  const to = join(directory, `${pile.bytesMax}-${pile.files.length}`);
  const bytes = await copySample({ store, threads, segment, to, bytesMax, signal });
  if (bytes > 0) pile.add(to, bytes);
  else await discard(nodeDisk, to);
}

/** Files up to a number of bytes; the file that exceeds it is the last. */
class Pile {
  readonly files: string[] = [];
  readonly bytesMax: number;
  bytes = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  get isFull(): boolean {
    return this.bytes >= this.bytesMax;
  }

  add(file: string, bytes: number): void {
    this.files.push(file);
    this.bytes += bytes;
  }
}

const tooFew = (source: string, found: number): WalqError =>
  new WalqError('samples-too-few', {
    message: `source '${source}' has ${found} segments that are flushed or archived; training a dictionary needs ${SEGMENTS_MIN}`,
  });

// Selects the newest segments of a source, because the dictionary is for those to come.

export interface TrainingSource {
  readonly disk: Disk;
  readonly store: ArchiveStore;
  /** The source's name in the archive. */
  readonly source: string;
  readonly naming: SegmentNaming;
  /** The opened source; undefined where only the archive is available. */
  readonly open: OpenSource | undefined;
}

export interface TrainingSegment {
  readonly key: ArchiveKey;
  /** Path of the plain file; undefined where only the archive has the segment. */
  readonly path: string | undefined;
}

interface NewestSegments {
  /** At most as many as asked for, oldest first. */
  readonly newest: readonly TrainingSegment[];
  /** How many the source and its archive hold. */
  readonly count: number;
}

/** Lists names only, and keeps as many as asked for, whatever the size of the archive. */
async function newestSegments(training: TrainingSource, countMax: number): Promise<NewestSegments> {
  const archived = await newestArchived(training, countMax);
  const due = await dueSegments(training, countMax);
  return {
    newest: [...archived.newest, ...due.newest].slice(-countMax),
    count: archived.count + due.count,
  };
}

async function newestArchived(
  { store, source, naming }: TrainingSource,
  countMax: number,
): Promise<NewestSegments> {
  let newest: TrainingSegment[] = [];
  let count = 0;
  for await (const { key } of keysInOrder(store, source, naming)) {
    count += 1;
    newest.push({ key, path: undefined });
    if (newest.length >= 2 * countMax) newest = newest.slice(-countMax);
  }
  return { newest: newest.slice(-countMax), count };
}

/** Segments that are sealed, flushed and not archived yet. A segment that may still be written is not a sample. */
async function dueSegments(
  { disk, open }: TrainingSource,
  countMax: number,
): Promise<NewestSegments> {
  if (open === undefined) return { newest: [], count: 0 };
  const { source } = open;
  const { due, dueCount } = await createDueView(disk, open).scan(countMax);
  const newest = due.map((segment) => ({
    key: archiveKeyOf(source.name, segment),
    path: segmentPath(source, segment.name),
  }));
  return { newest, count: dueCount };
}
