/**
 * Reads one object from its first byte to its last and checks it: one data frame, one manifest, and length and source
 * checksum as in the manifest. Runs in a thread of the pool.
 */
import type { Dictionary } from './dictionary.ts';
import { sameChecksum } from './source-checksum.ts';
import { discard } from '../base/disk/write-file-durably.ts';
import { openMemoryFile, type MemoryFile } from '../base/disk/memory-file.ts';
import type { Disk, DiskFile } from '../base/disk/disk.ts';
import { isMissing, reasonOf, storeFailure } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import {
  decodeManifestFrame,
  MANIFEST_TAIL_BYTES,
  type ManifestFrame,
  manifestFacts,
  type ManifestFacts,
} from './manifest-frame.ts';
import { throwIfCancelled, type CancelFlag } from './thread-signals.ts';
import type { Workbench } from './workbench.ts';
import type { Decoded } from './frame-decoder.ts';

export interface DecodeTask {
  readonly objectPath: string;
  /** Replaces the file where no disk has space. */
  readonly memory?: MemoryFile | undefined;
  /** Names the object in messages. */
  readonly where: string;
  /** Used where the object's manifest names it. */
  readonly dictionary?: Dictionary | undefined;
  readonly cancel: CancelFlag;
  /** A new file for the plain bytes, and whether it is fsynced. Default: none. */
  readonly destination?: { readonly path: string; readonly durable: boolean };
}

type DecodeOpenedTask = Pick<DecodeTask, 'where' | 'dictionary' | 'cancel' | 'destination'>;

export interface DecodedObject {
  /** The manifest's JSON, unchanged. */
  readonly manifestJson: string;
  readonly objectBytes: number;
  readonly decoded: Decoded;
}

type OnPlain = (plain: Uint8Array) => Promise<void>;

/** The object needs a dictionary that the task does not have; nothing was decoded. */
export interface DictionaryNeeded {
  /** Its SHA-256. */
  readonly dictionaryNeeded: string;
}

export const decodeObject = (
  bench: Workbench,
  task: DecodeTask,
): Promise<DecodedObject | DictionaryNeeded> => decodeObjectTo(bench, task);

/** Gives the plain bytes to `onPlain`; each piece is valid until it returns. */
export async function decodeObjectTo(
  bench: Workbench,
  task: DecodeTask,
  onPlain?: OnPlain,
): Promise<DecodedObject | DictionaryNeeded> {
  const file = await openObject(bench.disk, task);
  try {
    const state = await file.stat().catch((cause: unknown) => {
      throw storeFailure(`stat ${task.where}`, cause);
    });
    return await decodeOpened(bench, file, Number(state.size), task, onPlain);
  } finally {
    // Nothing was written, so a failure to close it loses nothing.
    await file.close().catch(() => undefined);
  }
}

/** Decodes an object whose file is open. */
export async function decodeOpened(
  bench: Workbench,
  file: DiskFile,
  objectBytes: number,
  task: DecodeOpenedTask,
  onPlain?: OnPlain,
): Promise<DecodedObject | DictionaryNeeded> {
  const object = await readManifestFacts(bench, file, objectBytes, task.where);
  const { dictionary } = object.facts;
  if (dictionary !== null && dictionary !== task.dictionary?.sha256) {
    return { dictionaryNeeded: dictionary };
  }
  if (task.destination === undefined) return decodeOpen(bench, object, task, onPlain);
  return decodeToFile(bench, object, task, task.destination);
}

/** An open object, and the facts of its manifest. */
interface OpenObject {
  readonly file: DiskFile;
  readonly objectBytes: number;
  readonly frame: ManifestFrame;
  readonly facts: ManifestFacts;
  /** All of a short object, in the bench's buffer. */
  readonly whole: Uint8Array | undefined;
}

/** A short object is read at once. */
async function readManifestFacts(
  bench: Workbench,
  file: DiskFile,
  objectBytes: number,
  where: string,
): Promise<OpenObject> {
  const isShort = objectBytes <= bench.chunk.length;
  const whole = isShort ? bench.chunk.subarray(0, objectBytes) : undefined;
  const tail = whole ?? new Uint8Array(MANIFEST_TAIL_BYTES);
  await readFully(file, tail, objectBytes - tail.length, where);
  const frame = decodeManifestFrame(where, tail.subarray(-MANIFEST_TAIL_BYTES));
  return { file, objectBytes, frame, facts: manifestFacts(where, frame.json), whole };
}

async function decodeToFile(
  bench: Workbench,
  object: OpenObject,
  task: DecodeOpenedTask,
  { path, durable }: NonNullable<DecodeTask['destination']>,
): Promise<DecodedObject> {
  const fail = (what: string) => (cause: unknown) => {
    throw new WalqError('destination-io', {
      message: `unable to ${what} ${path}: ${reasonOf(cause)}`,
      cause,
    });
  };
  const destination = await bench.disk.openNew(path).catch(fail('create'));
  try {
    let position = 0;
    const decoded = await decodeOpen(bench, object, task, async (plain) => {
      await destination.write(plain, position).catch(fail('write'));
      position += plain.length;
    });
    if (durable) await destination.sync().catch(fail('fsync'));
    await destination.close().catch(fail('close'));
    return decoded;
  } catch (error) {
    await destination.close().catch(() => undefined);
    await discard(bench.disk, path);
    throw error;
  }
}

async function decodeOpen(
  bench: Workbench,
  object: OpenObject,
  task: DecodeOpenedTask,
  onPlain?: OnPlain,
): Promise<DecodedObject> {
  const { objectBytes, frame, facts } = object;
  bench.decoder.begin({
    where: task.where,
    bytesMax: facts.bytes,
    dictionary: facts.dictionary === null ? undefined : task.dictionary,
    ...(onPlain && { onPlain }),
  });
  await feed(bench, object, task);
  const decoded = bench.decoder.finish();
  if (
    decoded.bytes !== facts.bytes ||
    !sameChecksum(decoded.sourceChecksum, facts.sourceChecksum)
  ) {
    throw new WalqError('object-corrupt', {
      message: `${task.where} does not decode to the length and checksum of its manifest`,
    });
  }
  return { manifestJson: frame.json, objectBytes, decoded };
}

async function feed(
  bench: Workbench,
  { file, objectBytes, frame, whole }: OpenObject,
  task: DecodeOpenedTask,
): Promise<void> {
  const dataBytes = objectBytes - frame.frameBytes;
  throwIfCancelled(task.cancel);
  if (whole !== undefined) return bench.decoder.push(whole.subarray(0, dataBytes));
  for (let position = 0; position < dataBytes;) {
    throwIfCancelled(task.cancel);
    const piece = bench.chunk.subarray(0, Math.min(bench.chunk.length, dataBytes - position));
    await readFully(file, piece, position, task.where);
    await bench.decoder.push(piece);
    position += piece.length;
  }
}

async function readFully(file: DiskFile, into: Uint8Array, position: number, where: string) {
  for (let done = 0; done < into.length;) {
    const got = await file.read(into.subarray(done), position + done).catch((cause: unknown) => {
      throw storeFailure(`read ${where}`, cause);
    });
    if (got === 0) throw new WalqError('object-corrupt', { message: `${where} was truncated` });
    done += got;
  }
}

async function openObject(disk: Disk, task: DecodeTask): Promise<DiskFile> {
  if (task.memory !== undefined) return openMemoryFile(task.memory);
  return disk.openRead(task.objectPath).catch((cause: unknown) => {
    if (isMissing(cause)) {
      throw new WalqError('object-missing', {
        message: `${task.where} is not in the archive`,
        cause,
      });
    }
    throw storeFailure(`open ${task.where}`, cause);
  });
}
