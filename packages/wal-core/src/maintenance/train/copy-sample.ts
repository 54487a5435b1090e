import { nodeDisk } from '../../base/disk/node-disk.ts';
import type { DiskFile } from '../../base/disk/disk.ts';
import { ifPresent, reasonOf, sourceFailure } from '../../base/failure/system-error.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import { decodeTo } from '../../reading/restore/restore-segment.ts';
import type { ArchiveStore } from '../../store/store.ts';
import type { Threads } from '../../threads/threads.ts';
import type { TrainingSegment } from './collect-samples.ts';

const CHUNK_BYTES = 256 * 1024;

interface CopyOptions {
  readonly store: ArchiveStore;
  readonly threads: Threads;
  readonly segment: TrainingSegment;
  /** Path of a new file. */
  readonly to: string;
  /** How many bytes from the segment's start. */
  readonly bytesMax: number;
  readonly signal: AbortSignal;
}

/**
 * Copies the beginning of a segment into a plain file, from the source or, where it was archived and deleted in the
 * meantime,
 * from the archive. Returns its length, 0 where the segment no longer exists.
 */
export async function copySample(options: CopyOptions): Promise<number> {
  const { path } = options.segment;
  const copied = path === undefined ? undefined : await copyFile(path, options);
  return copied ?? copyArchived(options);
}

async function copyFile(path: string, { to, bytesMax }: CopyOptions): Promise<number | undefined> {
  const from = await ifPresent(nodeDisk.openRead(path), (cause) =>
    sourceFailure(`open ${path}`, cause),
  );
  if (from === undefined) return undefined;
  try {
    return await written(to, (file) => copyBytes(path, from, file, bytesMax));
  } finally {
    await from.close().catch(() => undefined);
  }
}

async function copyBytes(path: string, from: DiskFile, to: DiskFile, bytesMax: number) {
  const chunk = new Uint8Array(CHUNK_BYTES);
  let done = 0;
  while (done < bytesMax) {
    const part = chunk.subarray(0, Math.min(CHUNK_BYTES, bytesMax - done));
    const got = await from.read(part, done).catch((cause: unknown) => {
      throw sourceFailure(`read ${path}`, cause);
    });
    if (got === 0) break;
    await to.write(part.subarray(0, got), done).catch(failed(`write ${path} as a sample`));
    done += got;
  }
  return done;
}

async function copyArchived({ store, threads, segment, to, bytesMax, signal }: CopyOptions) {
  const { key } = segment;
  const object = await decodeTo({ store, threads, key, path: to, durable: false, signal });
  if (object === undefined) return 0;
  if (object.decoded.bytes <= bytesMax) return object.decoded.bytes;
  const file = await nodeDisk.openExisting(to).catch(failed(`open ${to}`));
  try {
    await file.truncate(bytesMax).catch(failed(`shorten ${to}`));
  } finally {
    await file.close().catch(failed(`close ${to}`));
  }
  return bytesMax;
}

async function written<T>(path: string, work: (file: DiskFile) => Promise<T>): Promise<T> {
  const file = await nodeDisk.openNew(path).catch(failed(`make ${path}`));
  try {
    return await work(file);
  } finally {
    await file.close().catch(failed(`close ${path}`));
  }
}

const failed =
  (what: string) =>
  (cause: unknown): never => {
    throw new WalqError('destination-io', {
      message: `unable to ${what}: ${reasonOf(cause)}`,
      hint: 'Free space in the temporary directory, which holds the samples during training.',
      cause,
    });
  };
