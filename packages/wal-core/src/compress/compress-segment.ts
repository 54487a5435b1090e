/**
 * Source segment → staged object: read, checksum, check the format, compress and write in one pass,
 * fsync, and prove by decoding that the staged bytes are the source's. Runs in a thread of the pool.
 */
import type { Decoded } from '../confirm/frame-decoder.ts';
import { decodeObject } from '../confirm/decode-object.ts';
import { isWalqError, WalqError } from '../failure/index.ts';
import { encodeManifestFrame } from '../store/manifest-frame.ts';
import type { Manifest, SourceChecksum } from '../store/manifest.ts';
import type { CancelFlag } from '../threads/cancel-flag.ts';
import type { Workbench } from '../threads/workbench.ts';
import { RunningChecksum } from './checksum.ts';
import { sameChecksum } from './same-checksum.ts';
import type { Fingerprint } from './fingerprint.ts';
import { readSource } from './read-source.ts';
import { newFormatCheck, type Positions, type SegmentFormat } from './segment-format.ts';
import { StagingWriter } from './staging-writer.ts';

/** What the thread cannot know of the manifest. */
export type ManifestSeed = Pick<
  Manifest,
  'version' | 'source' | 'sourceId' | 'segment' | 'startedAt' | 'worker'
>;

export interface CompressTask {
  readonly sourcePath: string;
  /** An existing empty file; it holds the whole object when the task has succeeded. */
  readonly stagingPath: string;
  readonly format: SegmentFormat;
  readonly level: number;
  /** `read-back`: decode the staged file after its fsync; `inline`: decode the stream on its way. */
  readonly proof: 'read-back' | 'inline';
  readonly manifest: ManifestSeed;
  readonly cancel: CancelFlag;
}

export interface Compressed {
  readonly fingerprint: Fingerprint;
  readonly bytes: number;
  readonly sourceChecksum: SourceChecksum;
  readonly objectBytes: number;
}

export async function compressSegment(bench: Workbench, task: CompressTask): Promise<Compressed> {
  const staging = new StagingWriter(task.stagingPath);
  try {
    await staging.open(bench.disk);
    const compressed = await compressInto(bench, task, staging);
    await staging.sync();
    if (task.proof === 'read-back') await proveStaged(bench, task, compressed);
    return compressed;
  } finally {
    await staging.close();
  }
}

async function compressInto(
  bench: Workbench,
  task: CompressTask,
  staging: StagingWriter,
): Promise<Compressed> {
  const checksum = new RunningChecksum();
  const format = newFormatCheck(task.format);
  const inline = task.proof === 'inline' ? bench.decoder : undefined;
  const onPiece = async (piece: Uint8Array) => {
    if (inline !== undefined) await proving(task, () => inline.push(piece));
    await staging.write(piece);
  };
  const fingerprint = await readSource(bench.disk, {
    path: task.sourcePath,
    buffer: bench.chunk,
    cancel: task.cancel,
    onStart: (bytes) => {
      bench.encoder.begin({ level: task.level, bytes });
      inline?.begin({ where: task.stagingPath, bytesMax: bytes });
    },
    onChunk: async (plain, isLast) => {
      checksum.update(plain);
      format.update(plain);
      await bench.encoder.push(plain, onPiece);
      if (isLast) await bench.encoder.end(onPiece);
    },
  });
  const source = { bytes: Number(fingerprint.size), sourceChecksum: checksum.finish() };
  if (inline !== undefined) proveEqual(task, source, await proving(task, () => inline.finish()));
  const frame = encodeManifestFrame(manifestJson(task, fingerprint, source, format.finish()));
  await staging.write(frame);
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
    dictionary: null,
    format: task.format,
    ...positions,
    sealedAt: new Date(Number(fingerprint.mtimeNs / 1_000_000n)).toISOString(),
    archivedAt: new Date().toISOString(),
  };
  return JSON.stringify(manifest);
}

async function proveStaged(bench: Workbench, task: CompressTask, source: Decoded): Promise<void> {
  const staged = { objectPath: task.stagingPath, where: task.stagingPath, cancel: task.cancel };
  const { decoded } = await proving(task, () => decodeObject(bench, staged));
  proveEqual(task, source, decoded);
}

/**
 * What decoding says of an object would set the segment aside. Here nothing is in the archive yet: the
 * copy is thrown away and made again.
 */
async function proving<T>(task: CompressTask, decode: () => T | Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (cause) {
    if (isWalqError(cause, 'object-corrupt', 'object-foreign', 'archive-format-unknown')) {
      throw mismatch(task, cause);
    }
    if (!isWalqError(cause, 'object-missing')) throw cause;
    throw new WalqError('store-unavailable', { message: `${task.stagingPath} went away`, cause });
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
  const why = cause === undefined ? 'decodes to something else' : `is damaged: ${cause.message}`;
  return new WalqError('decode-mismatch', {
    message: `the compressed copy of ${task.sourcePath} ${why}`,
    cause,
  });
}
