/**
 * Source segment → staged object: read, checksum, check the format, compress and write in one pass,
 * fsync, and prove by decoding that the staged bytes are the source's. Runs in a thread of the pool.
 */
import type { Decoded } from '../confirm/frame-decoder.ts';
import { decodeObject } from '../confirm/decode-object.ts';
import type { Disk, DiskFile } from '../disk/index.ts';
import { storeFailure, WalqError } from '../failure/index.ts';
import { encodeManifestFrame } from '../store/manifest-frame.ts';
import type { Manifest, SourceChecksum } from '../store/manifest.ts';
import type { CancelFlag } from '../threads/cancel-flag.ts';
import type { Workbench } from '../threads/workbench.ts';
import { RunningChecksum } from './checksum.ts';
import { sameChecksum } from './same-checksum.ts';
import type { Fingerprint } from './fingerprint.ts';
import { readSource } from './read-source.ts';
import { newFormatCheck, type Positions, type SegmentFormat } from './segment-format.ts';

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
    await inline?.push(piece);
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
  if (inline !== undefined) proveEqual(task, source, inline.finish());
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
  const { decoded } = await decodeObject(bench, {
    objectPath: task.stagingPath,
    where: task.stagingPath,
    cancel: task.cancel,
  });
  proveEqual(task, source, decoded);
}

function proveEqual(task: CompressTask, source: Decoded, decoded: Decoded): void {
  if (decoded.bytes === source.bytes && sameChecksum(decoded.sourceChecksum, source.sourceChecksum)) {
    return;
  }
  throw new WalqError('decode-mismatch', {
    message: `the compressed copy of ${task.sourcePath} decodes to something else`,
  });
}

class StagingWriter {
  readonly #path: string;
  #file: DiskFile | undefined;
  bytes = 0;

  constructor(path: string) {
    this.#path = path;
  }

  async open(disk: Disk): Promise<void> {
    this.#file = await disk.openExisting(this.#path).catch(this.#fail('open'));
  }

  async write(piece: Uint8Array): Promise<void> {
    await this.#file?.write(piece, this.bytes).catch(this.#fail('write'));
    this.bytes += piece.length;
  }

  async sync(): Promise<void> {
    await this.#file?.sync().catch((cause: unknown) => {
      const message = `unable to fsync ${this.#path}`;
      throw new WalqError('store-fsync-failed', { message, cause });
    });
  }

  /** A failed close may hide a failed write, so it fails the whole. */
  async close(): Promise<void> {
    await this.#file?.close().catch(this.#fail('close'));
  }

  #fail = (what: string) => (error: unknown) => {
    throw storeFailure(`${what} ${this.#path}`, error);
  };
}
