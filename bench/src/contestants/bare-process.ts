/**
 * Entry of a process of the floor. It imports nothing of walq, and does one thing after another:
 *
 *     node bare-process.js SETTINGS
 */
import { xxh3 } from '@node-rs/xxhash';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
  type BigIntStats,
} from 'node:fs';
import { join } from 'node:path';
import zstd from 'zstd-napi/binding.js';

export interface BareSettings {
  readonly sourceDirectory: string;
  readonly archiveDirectory: string;
  readonly level: number;
  /** As walq chooses it; undefined for zstd's own. */
  readonly windowLog?: number | undefined;
  /** Length of the longest segment. */
  readonly bytesMax: number;
  /** What the two directories are fsynced for: each segment, or all segments of an order together. */
  readonly barrier: 'segment' | 'batch';
}

export interface BareOrder {
  readonly names: readonly string[];
}

const settings = JSON.parse(process.argv[2] ?? '{}') as BareSettings;
const { sourceDirectory, archiveDirectory, bytesMax } = settings;

const { CCtx, CParameter, compressBound, DCtx } = zstd;
/** ZSTD_c_blockSplitterLevel, which the binding does not name; walq fixes the blocks up to level 3. */
const BLOCK_SPLITTER_LEVEL = 1017;
const FIXED_BLOCKS_LEVEL_MAX = 3;

const encoder = new CCtx();
const decoder = new DCtx();
encoder.setParameter(CParameter.compressionLevel, settings.level);
encoder.setParameter(CParameter.checksumFlag, 1);
if (settings.level <= FIXED_BLOCKS_LEVEL_MAX) encoder.setParameter(BLOCK_SPLITTER_LEVEL, 1);
if (settings.windowLog !== undefined) {
  encoder.setParameter(CParameter.windowLog, settings.windowLog);
}

const plain = Buffer.alloc(bytesMax);
const object = Buffer.alloc(compressBound(bytesMax));
const decoded = Buffer.alloc(bytesMax);
const sources = openSync(sourceDirectory, 'r');
const archive = openSync(archiveDirectory, 'r');

interface Staged {
  readonly name: string;
  readonly temporary: string;
  readonly source: BigIntStats;
}

/** Reads, takes the checksum, compresses, writes, fsyncs, reads back, decodes and compares. */
function stage(name: string): Staged {
  const { bytes, state: source } = readWhole(join(sourceDirectory, name));
  const checksum = xxh3.xxh64(bytes);
  const compressed = object.subarray(0, encoder.compress2(object, bytes));
  const temporary = join(archiveDirectory, `.${name}.${process.pid}.tmp`);
  const file = openSync(temporary, 'wx+', 0o640);
  writeAll(file, compressed);
  fsyncSync(file);
  const back = object.subarray(0, readAll(file, object));
  closeSync(file);
  const length = decoder.decompress(decoded, back);
  const isEqual = length === bytes.length && xxh3.xxh64(decoded.subarray(0, length)) === checksum;
  if (!isEqual) throw new Error(`${name} decodes to something else`);
  return { name, temporary, source };
}

/** Links each object and fsyncs the archive; then deletes each source, if it is unchanged, and fsyncs their directory. */
function publish(all: readonly Staged[]): void {
  for (const { name, temporary } of all) {
    linkSync(temporary, join(archiveDirectory, `${name}.zst`));
    unlinkSync(temporary);
  }
  fsyncSync(archive);
  for (const { name, source } of all) {
    const path = join(sourceDirectory, name);
    const now = lstatSync(path, { bigint: true });
    if (now.ino !== source.ino || now.size !== source.size || now.mtimeNs !== source.mtimeNs) {
      throw new Error(`${name} was changed`);
    }
    unlinkSync(path);
  }
  fsyncSync(sources);
}

function readWhole(path: string): { bytes: Buffer; state: BigIntStats } {
  const file = openSync(path, 'r');
  const state = fstatSync(file, { bigint: true });
  const bytes = plain.subarray(0, readAll(file, plain));
  closeSync(file);
  return { bytes, state };
}

/** From the beginning of the file; returns its length. */
function readAll(file: number, into: Buffer): number {
  for (let at = 0; ;) {
    const read = readSync(file, into, at, into.length - at, at);
    at += read;
    if (read === 0 || at === into.length) return at;
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}

// A Ctrl-C of the terminal reaches it through the process that started it.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());
process.on('message', ({ names }: BareOrder) => {
  if (settings.barrier === 'batch') publish(names.map(stage));
  else for (const name of names) publish([stage(name)]);
  process.send?.('done');
});
process.send?.('ready');
