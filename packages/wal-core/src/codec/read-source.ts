/** Reads a source segment once, from the first byte to the last, and notices when it changes meanwhile. */
import type { Disk, DiskFile, FileState } from '../base/disk/disk.ts';
import { errnoOf, isMissing, sourceFailure } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import {
  throwIfCancelled,
  type CancelFlag,
  advanceProgress,
  beginProgress,
  type SegmentProgress,
  StageClock,
  type ThreadTimes,
} from './thread-signals.ts';
import { fingerprintOf, sameFingerprint, type Fingerprint } from './fingerprint.ts';
import type { SourceChecksum } from './source-checksum.ts';
import type { Workbench } from './workbench.ts';
import { RunningChecksum } from './checksum.ts';

export interface SourceRead {
  readonly path: string;
  readonly buffer: Uint8Array;
  readonly cancel: CancelFlag;
  readonly progress?: SegmentProgress | undefined;
  /** Where reading ends, though the file may be longer. Default: at its end. */
  readonly bytesMax?: number | undefined;
  /** Told the length and what the file begins with, before `onChunk` is. */
  onStart?(bytes: number, first: Uint8Array): void | Promise<void>;
  /** Called once with no bytes for an empty file; which formats may be empty, their checks say. */
  onChunk(chunk: Uint8Array, isLast: boolean): void | Promise<void>;
}

/** Gives the fingerprint that held before and after the reading. */
export async function readSource(disk: Disk, read: SourceRead): Promise<Fingerprint> {
  const file = await openSource(disk, read.path);
  try {
    const before = await stateOf(file, read.path);
    if (before.kind === 'other') throw malformed(read.path, 'is a pipe or a device');
    if (before.kind !== 'file') throw malformed(read.path, `is a ${before.kind}`);
    const bytes = Math.min(Number(before.size), read.bytesMax ?? Infinity);
    beginProgress(read.progress, bytes);
    await readChunks(file, bytes, read);
    return await unchanged(read.path, file, fingerprintOf(before));
  } finally {
    // Nothing was written through it, so a failure to close it takes nothing away.
    await file.close().catch(() => undefined);
  }
}

async function readChunks(file: DiskFile, bytes: number, read: SourceRead): Promise<void> {
  if (bytes === 0) {
    const nothing = read.buffer.subarray(0, 0);
    await read.onStart?.(0, nothing);
    await read.onChunk(nothing, true);
  }
  for (let position = 0; position < bytes;) {
    throwIfCancelled(read.cancel);
    const target = read.buffer.subarray(0, Math.min(read.buffer.length, bytes - position));
    const got = await file.read(target, position).catch((cause: unknown) => {
      throw sourceFailure(`read ${read.path}`, cause);
    });
    if (got === 0) throw changed(read.path, 'it became shorter');
    const chunk = target.subarray(0, got);
    if (position === 0) await read.onStart?.(bytes, chunk);
    position += got;
    await read.onChunk(chunk, position === bytes);
    advanceProgress(read.progress, got);
  }
}

async function openSource(disk: Disk, path: string): Promise<DiskFile> {
  try {
    return await disk.openRead(path);
  } catch (cause) {
    if (isMissing(cause)) {
      throw new WalqError('source-missing', { message: `${path} is not there`, cause });
    }
    if (errnoOf(cause) === 'ELOOP') throw malformed(path, 'is a symbolic link');
    // What cannot be opened at all, such as a socket or a device without a driver, never will be.
    if (errnoOf(cause) === 'ENXIO' || errnoOf(cause) === 'ENODEV') {
      throw malformed(path, 'is a socket or a device');
    }
    throw sourceFailure(`open ${path}`, cause);
  }
}

function stateOf(file: DiskFile, path: string): Promise<FileState> {
  return file.stat().catch((cause: unknown) => {
    throw sourceFailure(`stat ${path}`, cause);
  });
}

async function unchanged(path: string, file: DiskFile, before: Fingerprint): Promise<Fingerprint> {
  const after = fingerprintOf(await stateOf(file, path));
  if (!sameFingerprint(before, after)) throw changed(path, 'it was written meanwhile');
  return before;
}

const changed = (path: string, why: string): WalqError =>
  new WalqError('source-changed', { message: `${path} changed while it was read: ${why}` });

const malformed = (path: string, why: string): WalqError =>
  new WalqError('segment-malformed', {
    message: `${path} ${why}, a segment is a regular file`,
  });

/** The checksum of a source whose object is there already; runs in a thread of the pool. */

export interface ChecksumTask {
  readonly sourcePath: string;
  /** Only what the file begins with. Default: all of it. */
  readonly bytesMax?: number;
  readonly cancel: CancelFlag;
  readonly progress?: SegmentProgress;
}

export interface ChecksummedSource {
  readonly fingerprint: Fingerprint;
  readonly bytes: number;
  readonly sourceChecksum: SourceChecksum;
  readonly times: ThreadTimes;
}

export async function checksumSource(
  bench: Workbench,
  task: ChecksumTask,
): Promise<ChecksummedSource> {
  const clock = new StageClock('readMs');
  const checksum = new RunningChecksum();
  const fingerprint = await readSource(bench.disk, {
    path: task.sourcePath,
    buffer: bench.chunk,
    cancel: task.cancel,
    progress: task.progress,
    bytesMax: task.bytesMax,
    onChunk: (plain) => checksum.update(plain),
  });
  const sourceChecksum = checksum.finish();
  const bytes = Math.min(Number(fingerprint.size), task.bytesMax ?? Infinity);
  return { fingerprint, bytes, sourceChecksum, times: clock.times() };
}
