/** Opens a log for one process at a time: takes the lock, then recovers it. */
import { dirname } from 'node:path';
import type { Disk } from '../base/disk/disk.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { takeLock, type Lock } from '../base/lock/take-lock.ts';
import { nodeDisk } from '../base/disk/node-disk.ts';
import { errnoOf, sourceFailure } from '../base/failure/system-error.ts';
import { walqDirectory } from '../source/source.ts';
import type { SegmentName } from '../source/segment-name.ts';
import { SEGMENT_BYTES_LIMIT, SEGMENT_HEADER_BYTES } from './layout.ts';
import { Log, type LogLimits } from './log.ts';
import { logSource } from '../source/sources.ts';
import { recoverLog } from './recover-log.ts';

/** Takes the lock in a log's `.walq` directory. Rejects with `log-locked` when another process holds it. */
export const lockLog = (disk: Disk, walqDirectory: string): Promise<Lock> =>
  takeLock(disk, walqDirectory, {
    prefix: 'log',
    taken: (path) =>
      new WalqError('log-locked', {
        message: `unable to open the log: another process, or this one, has it open (${path})`,
      }),
    takenElsewhere: (path) =>
      new WalqError('log-locked', {
        message: `unable to open the log: another machine has it open, or had it open when it went down (${path})`,
        hint: 'If that machine no longer uses the log, remove the file and open the log again.',
      }),
  });

export interface OpenLogOptions {
  /** Directory of the segments; created if it does not exist. */
  readonly directory: string;
  /**
   * Size in bytes at which a segment is sealed and the next one begun. Only a single record that is larger makes a
   * larger segment. At most 64 GiB. @default 16 MiB
   */
  readonly segmentBytesMax?: number;
  /** Most bytes of one write and fsync; a larger record is written alone. @default 4 MiB */
  readonly commitBytesMax?: number;
  /**
   * Called with each segment once it is sealed: it is never written again, and the next one is durable. Not called for
   * segments that were sealed before the log was opened.
   */
  readonly onSealed?: (segment: SegmentName) => void;
  /** @default the machine's filesystem */
  readonly disk?: Disk;
}

const MEBIBYTE = 1024 * 1024;
const SEGMENT_BYTES_DEFAULT = 16 * MEBIBYTE;
const COMMIT_BYTES_DEFAULT = 4 * MEBIBYTE;

/**
 * Opens a log for appending, and creates it when the directory has none. First verifies all segments above the
 * watermark. A tail torn by a crash is cut off (`log.tornTail`).
 *
 * Rejects with `log-corrupt` when acknowledged records are damaged or missing (then nothing is changed), `log-locked`
 * when another process has the log open, `watermark-malformed`,
 * `archive-format-unknown`, `source-io`, `source-denied`, `configuration-invalid`.
 */
export async function openLog(options: OpenLogOptions): Promise<Log> {
  const limits = limitsOf(options);
  const { directory } = logSource(options);
  const disk = options.disk ?? nodeDisk;
  try {
    const lock = await prepareAndLock(disk, directory);
    return await openLocked({ ...options, ...limits, disk, directory }, lock);
  } catch (error) {
    throw sourceFailure(`open the log ${directory}`, error);
  }
}

async function prepareAndLock(disk: Disk, directory: string): Promise<Lock> {
  const walq = walqDirectory(logSource({ directory }));
  for (const made of await disk.makeDirectory(walq)) await disk.syncDirectory(dirname(made));
  await makeDirectoryDurable(disk, directory);
  return lockLog(disk, walq);
}

/**
 * A directory that already exists may not be durable: its creator may have died before its fsync. The parent of one
 * that an administrator created may not be readable for walq.
 */
async function makeDirectoryDurable(disk: Disk, directory: string): Promise<void> {
  await disk.syncDirectory(dirname(directory)).catch((error: unknown) => {
    if (errnoOf(error) !== 'EACCES') throw error;
  });
  await disk.syncDirectory(directory);
}

async function openLocked(
  options: OpenLogOptions & LogLimits & { readonly disk: Disk },
  lock: Lock,
): Promise<Log> {
  const { disk, directory, segmentBytesMax, commitBytesMax } = options;
  const onSealed = options.onSealed ?? (() => undefined);
  try {
    const recovered = await recoverLog(disk, directory);
    return new Log({ disk, directory, segmentBytesMax, commitBytesMax, lock, recovered, onSealed });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function limitsOf(options: OpenLogOptions): LogLimits {
  const { segmentBytesMax = SEGMENT_BYTES_DEFAULT, commitBytesMax = COMMIT_BYTES_DEFAULT } =
    options;
  assertWithin('segmentBytesMax', segmentBytesMax, SEGMENT_HEADER_BYTES, SEGMENT_BYTES_LIMIT);
  assertWithin('commitBytesMax', commitBytesMax, 1, 1024 * MEBIBYTE);
  return { segmentBytesMax, commitBytesMax };
}

function assertWithin(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new WalqError('configuration-invalid', {
    message: `${name} is ${value}; it must be an integer from ${min} to ${max}`,
    hint: `Set ${name} of openLog to a value in this range.`,
  });
}
