/**
 * Measures zstd levels on a segment: compresses a sample of it once with each. Runs in a thread of the pool, and
 * stores nothing.
 */
import type { Dictionary } from './dictionary.ts';
import type { DiskFile } from '../base/disk/disk.ts';
import { isMissing, sourceFailure } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { throwIfCancelled, type CancelFlag } from './thread-signals.ts';
import type { Workbench } from './workbench.ts';
import { FrameEncoder } from './frame-encoder.ts';

export interface LevelTask {
  readonly sourcePath: string;
  /** At least one. */
  readonly levels: readonly number[];
  /** A shorter segment is not measured. */
  readonly segmentBytesMin: number;
  /** The dictionary for the segment. Default: none. */
  readonly dictionary?: Dictionary | undefined;
  readonly cancel: CancelFlag;
}

export interface LevelMeasurement {
  readonly level: number;
  /** Compressed size of the sample. */
  readonly bytes: number;
  /** Time of each slice of the sample, in the same order for every level. */
  readonly sliceMs: readonly number[];
}

export interface LevelMeasurements {
  /** Plain size of the sample; 0 where the segment is too short. */
  readonly sampleBytes: number;
  /** Empty where the segment is too short. */
  readonly measurements: readonly LevelMeasurement[];
}

/** zstd compresses in blocks of this size, so that a slice's time is its own. */
const SLICE_BYTES = 128 * 1024;
const SLICES_MAX = 8;

export async function measureLevels(bench: Workbench, task: LevelTask): Promise<LevelMeasurements> {
  const reading = sampling(task.sourcePath);
  const file = await bench.disk.openRead(task.sourcePath).catch(reading);
  try {
    const segmentBytes = Number((await file.stat().catch(reading)).size);
    if (segmentBytes < task.segmentBytesMin) return { sampleBytes: 0, measurements: [] };
    const slices = slicesOf(segmentBytes);
    const sampleBytes = slices.reduce((sum, { bytes }) => sum + bytes, 0);
    // A new encoder: the thread's own would keep the large tables of the higher levels in memory.
    const encoder = new FrameEncoder();
    const measurements: LevelMeasurement[] = [];
    for (const level of task.levels) {
      encoder.begin({ level, bytes: sampleBytes, dictionary: task.dictionary });
      measurements.push({ level, ...(await measureLevel(bench, task, { file, slices, encoder })) });
    }
    return { sampleBytes, measurements };
  } finally {
    await file.close().catch(() => undefined);
  }
}

interface Sample {
  readonly file: DiskFile;
  readonly slices: readonly Slice[];
  readonly encoder: FrameEncoder;
}

/** Reads the slices again for each level: they are in the page cache, and the thread need not keep them in memory. */
async function measureLevel(bench: Workbench, task: LevelTask, { file, slices, encoder }: Sample) {
  let bytes = 0;
  const count = (piece: Uint8Array): void => {
    bytes += piece.length;
  };
  const sliceMs: number[] = [];
  for (const [index, slice] of slices.entries()) {
    throwIfCancelled(task.cancel);
    const plain = await readSlice(file, slice, bench.chunk, task.sourcePath);
    const startedMs = performance.now();
    if (index === slices.length - 1) await encoder.end(plain, count);
    else await encoder.push(plain, count);
    sliceMs.push(performance.now() - startedMs);
  }
  return { bytes, sliceMs };
}

interface Slice {
  readonly position: number;
  readonly bytes: number;
}

/** All of a short segment; of a long one evenly spread slices, including the first and the last. */
function slicesOf(segmentBytes: number): readonly Slice[] {
  const count = Math.min(SLICES_MAX, Math.ceil(segmentBytes / SLICE_BYTES));
  const isLong = segmentBytes > SLICES_MAX * SLICE_BYTES;
  const step = isLong ? (segmentBytes - SLICE_BYTES) / (SLICES_MAX - 1) : SLICE_BYTES;
  return Array.from({ length: count }, (_, index) => {
    const position = Math.floor(index * step);
    return { position, bytes: Math.min(SLICE_BYTES, segmentBytes - position) };
  });
}

async function readSlice(
  file: DiskFile,
  { position, bytes }: Slice,
  buffer: Uint8Array,
  path: string,
): Promise<Uint8Array> {
  const target = buffer.subarray(0, bytes);
  for (let done = 0; done < bytes;) {
    const got = await file.read(target.subarray(done), position + done).catch(sampling(path));
    if (got === 0) throw sourceFailure(`sample ${path}`, new Error('it was truncated'));
    done += got;
  }
  return target;
}

const sampling = (path: string) => (cause: unknown) => {
  if (!isMissing(cause)) throw sourceFailure(`sample ${path}`, cause);
  throw new WalqError('source-missing', { message: `${path} does not exist`, cause });
};
