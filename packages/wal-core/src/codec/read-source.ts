/** Reads a source segment once, from the first byte to the last, and detects changes during the read. */
import type { Disk, DiskFile, FileState } from '../base/disk/disk.ts';
import { errnoOf, isMissing, sourceFailure } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import {
  throwIfCancelled,
  type CancelFlag,
  advanceProgress,
  beginProgress,
  type BatchProgress,
  StageClock,
  type ThreadTimes,
} from './thread-signals.ts';
import { fingerprintOf, sameFingerprint, type Fingerprint } from './fingerprint.ts';
import type { SourceChecksum } from './source-checksum.ts';
import type { Workbench } from './workbench.ts';

export interface SourceRead {
  readonly path: string;
  readonly buffer: Uint8Array;
  readonly cancel: CancelFlag;
  readonly progress?: BatchProgress | undefined;
  /** Read only this many bytes of a longer file. Default: all. */
  readonly bytesMax?: number | undefined;
  /** Called with the length and the first bytes, before `onChunk`. */
  onStart?(bytes: number, first: Uint8Array): void | Promise<void>;
  /** Called once with no bytes for an empty file; the format check decides whether it may be empty. */
  onChunk(chunk: Uint8Array, isLast: boolean): void | Promise<void>;
}

/** Gives the fingerprint of the file, which is the same before and after the read. */
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
    // Nothing was written, so a failure to close it loses nothing.
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
    if (got === 0) throw changed(read.path, 'it was truncated');
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
      throw new WalqError('source-missing', { message: `${path} does not exist`, cause });
    }
    if (errnoOf(cause) === 'ELOOP') throw malformed(path, 'is a symbolic link');
    // A socket, or a device without a driver, can never be opened.
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
  if (!sameFingerprint(before, after)) throw changed(path, 'it was written to');
  return before;
}

const changed = (path: string, why: string): WalqError =>
  new WalqError('source-changed', { message: `${path} changed while it was read: ${why}` });

const malformed = (path: string, why: string): WalqError =>
  new WalqError('segment-malformed', {
    message: `${path} ${why}; a segment must be a regular file`,
  });

/** The checksum of a source that is archived already. Runs in a thread of the pool. */

export interface ChecksumTask {
  readonly sourcePath: string;
  /** Checksum only this many bytes of the file. Default: all. */
  readonly bytesMax?: number;
  readonly cancel: CancelFlag;
  readonly progress?: BatchProgress;
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
  const { checksum } = bench;
  checksum.reset();
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
