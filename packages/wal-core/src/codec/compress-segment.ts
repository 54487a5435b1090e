/**
 * Source segment → staged object: reads, checksums, checks the format, compresses and writes in one pass. Then it
 * begins to fsync the object and, at the same time, decodes it to prove that it equals the source. Runs in a thread of
 * the pool.
 */
import type { Dictionary } from './dictionary.ts';
import type { Decoded } from './frame-decoder.ts';
import { decodeOpened } from './decode-object.ts';
import { isWalqError, WalqError } from '../base/failure/walq-error.ts';
import { encodeManifestFrame } from './manifest-frame.ts';
import type { Manifest } from './manifest.ts';
import type { SourceChecksum } from './source-checksum.ts';
import { type BatchProgress, StageClock, type ThreadTimes } from './thread-signals.ts';
import type { Workbench } from './workbench.ts';
import { writtenAt, type Fingerprint } from './fingerprint.ts';
import { sameChecksum } from './source-checksum.ts';
import { readSource } from './read-source.ts';
import {
  formatName,
  newFormatCheck,
  type Positions,
  type SegmentFormat,
} from './segment-format.ts';
import { StagingWriter, type StagingTask } from './staging-writer.ts';
import { windowFor } from './frame-encoder.ts';

/** The fields of the manifest that the thread cannot know. */
export type ManifestSeed = Pick<
  Manifest,
  'version' | 'source' | 'sourceId' | 'segment' | 'startedAt' | 'worker'
>;

/** `stagingPath` is a new file; it contains the whole object when the task has succeeded. */
export interface CompressTask extends StagingTask {
  readonly sourcePath: string;
  readonly format: SegmentFormat;
  readonly level: number;
  /** As read from the archive. Default: none. */
  readonly dictionary?: Dictionary | undefined;
  /** `read-back`: decode the staged file after it is written; `inline`: decode the stream while it is written. */
  readonly proof: 'read-back' | 'inline';
  readonly manifest: ManifestSeed;
  readonly progress?: BatchProgress;
}

export interface Compressed {
  readonly fingerprint: Fingerprint;
  readonly bytes: number;
  readonly sourceChecksum: SourceChecksum;
  readonly objectBytes: number;
  readonly times: ThreadTimes;
  /**
   * Resolves when the object's contents are durable; nobody may publish it before. The thread may compress the next
   * segment while the fsync is in flight. Absent where another thread has waited for it.
   */
  readonly durable?: Promise<void>;
}

export async function compressSegment(bench: Workbench, task: CompressTask): Promise<Compressed> {
  const clock = new StageClock('storeMs');
  const staging = await StagingWriter.open(bench.disk, task, bench.staged);
  try {
    const compressed = await compressInto(bench, task, staging, clock);
    await bench.fsyncs.turn();
    const synced = staging.sync();
    clock.to('confirmMs');
    if (task.proof === 'read-back') await proveStaged(bench, task, staging, compressed);
    const durable = bench.fsyncs.add(closedAfter(synced, staging));
    return { ...compressed, times: clock.times(), durable };
  } catch (error) {
    await staging.close();
    throw error;
  }
}

async function closedAfter(synced: Promise<void>, staging: StagingWriter): Promise<void> {
  try {
    await synced;
  } finally {
    await staging.close();
  }
}

async function compressInto(
  bench: Workbench,
  task: CompressTask,
  staging: StagingWriter,
  clock: StageClock,
): Promise<Omit<Compressed, 'times' | 'durable'>> {
  const { checksum } = bench;
  checksum.reset();
  const format = newFormatCheck(task.format);
  const inline = task.proof === 'inline' ? bench.decoder : undefined;
  const onPiece = async (piece: Uint8Array) => {
    clock.to('confirmMs');
    if (inline !== undefined) await proving(task, () => inline.push(piece));
    clock.to('storeMs');
    await staging.write(piece);
    clock.to('compressMs');
  };
  clock.to('readMs');
  const fingerprint = await readSource(bench.disk, {
    path: task.sourcePath,
    buffer: bench.chunk,
    cancel: task.cancel,
    progress: task.progress,
    onStart: (bytes, first) => {
      const { level, dictionary } = task;
      bench.encoder.begin({ level, bytes, dictionary, ...windowFor(level, first, bytes) });
      inline?.begin({ where: task.stagingPath, bytesMax: bytes, dictionary });
    },
    onChunk: async (plain, isLast) => {
      clock.to('compressMs');
      checksum.update(plain);
      format.update(plain);
      if (isLast) await bench.encoder.end(plain, onPiece);
      else await bench.encoder.push(plain, onPiece);
      clock.to('readMs');
    },
  });
  const source = { bytes: Number(fingerprint.size), sourceChecksum: checksum.finish() };
  if (inline !== undefined) proveEqual(task, source, await proving(task, () => inline.finish()));
  clock.to('storeMs');
  const frame = encodeManifestFrame(manifestJson(task, fingerprint, source, format.finish()));
  await staging.write(frame);
  await staging.flush();
  return { fingerprint, ...source, objectBytes: staging.bytes };
}

function manifestJson(
  task: CompressTask,
  fingerprint: Fingerprint,
  source: Decoded,
  positions: Positions,
): string {
  const manifest: Manifest = {
    ...task.manifest,
    ...source,
    level: task.level,
    dictionary: task.dictionary?.sha256 ?? null,
    format: formatName(task.format),
    ...positions,
    sealedAt: writtenAt(fingerprint),
    archivedAt: new Date().toISOString(),
  };
  return JSON.stringify(manifest);
}

/** Reads the file through the descriptor that wrote it. */
async function proveStaged(
  bench: Workbench,
  task: CompressTask,
  staging: StagingWriter,
  source: Decoded,
): Promise<void> {
  const { stagingPath: where, cancel, dictionary } = task;
  const { file, bytes } = staging;
  const object = await proving(task, () =>
    decodeOpened(bench, file, bytes, { where, cancel, dictionary }),
  );
  if ('dictionaryNeeded' in object) throw mismatch(task);
  proveEqual(task, source, object.decoded);
}

/**
 * A failure to decode an object would quarantine the segment. Here the object is not in the archive yet: the copy is
 * discarded and made again.
 */
async function proving<T>(task: CompressTask, decode: () => T | Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (cause) {
    if (isWalqError(cause, 'object-corrupt', 'object-foreign', 'archive-format-unknown')) {
      throw mismatch(task, cause);
    }
    throw cause;
  }
}

function proveEqual(task: CompressTask, source: Decoded, decoded: Decoded): void {
  if (
    decoded.bytes === source.bytes &&
    sameChecksum(decoded.sourceChecksum, source.sourceChecksum)
  ) {
    return;
  }
  throw mismatch(task);
}

function mismatch(task: CompressTask, cause?: WalqError): WalqError {
  const why = cause === undefined ? 'decodes to different bytes' : `is damaged: ${cause.message}`;
  return new WalqError('decode-mismatch', {
    message: `the compressed copy of ${task.sourcePath} ${why}`,
    cause,
  });
}
