/**
 * Decodes one object of an archive in a thread, with the dictionary that the object names, read from the same
 * archive.
 */
import { WalqError } from '../base/failure/walq-error.ts';
import type { DecodedObject, DecodeTask } from '../codec/decode-object.ts';
import { parseManifest, type Manifest } from '../codec/manifest.ts';
import type { Stop } from '../codec/thread-signals.ts';
import { keyPath, type ArchiveKey } from '../store/archive-key.ts';
import type { ArchiveStore } from '../store/store.ts';
import type { Threads } from '../threads/threads.ts';
import { dictionaryCacheOf } from './dictionary-cache.ts';

interface DecodeArchived extends Pick<DecodeTask, 'destination'> {
  readonly store: ArchiveStore;
  readonly threads: Threads;
  readonly key: ArchiveKey;
  readonly signal: Stop;
}

export interface ArchivedObject extends DecodedObject {
  readonly manifest: Manifest;
}

/**
 * Undefined when the archive has no such object. Rejects with `dictionary-missing` or `dictionary-corrupt` where its
 * dictionary cannot be read; nothing is known about the object then.
 */
export async function decodeArchived(options: DecodeArchived): Promise<ArchivedObject | undefined> {
  const local = await options.store.fetch(options.key);
  if (local === undefined) return undefined;
  const where = keyPath(options.key);
  try {
    const object = await decodeWithDictionary(options, {
      objectPath: local.path,
      memory: local.memory,
      where,
    });
    return { ...object, manifest: parseManifest(where, object.manifestJson) };
  } finally {
    await local.release();
  }
}

/**
 * Decodes a local file that is an object or will become one. The name of its dictionary is at the end of the file, so
 * the thread finds out which one is needed; the object is decoded a second time with it.
 */
export async function decodeWithDictionary(
  { store, threads, key, signal, destination }: DecodeArchived,
  object: Pick<DecodeTask, 'objectPath' | 'memory' | 'where'>,
): Promise<DecodedObject> {
  const task = { ...object, ...(destination && { destination }) };
  const cache = dictionaryCacheOf(store);
  const first = await threads.decode({ ...task, dictionary: cache.latest(key.source) }, signal);
  if (!('dictionaryNeeded' in first)) return first;
  const dictionary = await cache.read(key.source, first.dictionaryNeeded);
  const second = await threads.decode({ ...task, dictionary }, signal);
  if (!('dictionaryNeeded' in second)) return second;
  throw new WalqError('store-unavailable', {
    message: `${object.where} changed while it was read`,
  });
}
