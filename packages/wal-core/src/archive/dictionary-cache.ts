/**
 * The dictionaries of an archive as a process uses them: read from the archive itself and compared with their
 * names, then remembered for a while. A few are kept in memory, however many an archive holds.
 */
import { LRUCache } from 'lru-cache';
import { WalqError } from '../base/failure/walq-error.ts';
import type { Dictionary } from '../codec/dictionary.ts';
import type { Manifest } from '../codec/manifest.ts';
import type { ArchiveKey } from '../store/archive-key.ts';
import type { ArchiveStore } from '../store/store.ts';

const DICTIONARIES_MAX = 8;
/** One that was removed or damaged meanwhile is noticed after this long at the latest. */
const READ_AGAIN_MS = 60_000;

interface CachedDictionary {
  readonly dictionary: Dictionary;
  /** Whether this process itself has made it durable. */
  readonly isDurable: boolean;
}

class DictionaryCache {
  readonly #store: ArchiveStore;
  readonly #cached = new LRUCache<string, CachedDictionary>({
    max: DICTIONARIES_MAX,
    ttl: READ_AGAIN_MS,
  });

  constructor(store: ArchiveStore) {
    this.#store = store;
  }

  /** @throws WalqError `dictionary-missing` or `dictionary-corrupt`, or what the store says */
  async read(source: string, sha256: string): Promise<Dictionary> {
    return (await this.#fresh(source, sha256)).dictionary;
  }

  /** As `read`, and durable by this process itself: whoever stored it may have died before his fsync (I1). */
  async readDurable(source: string, sha256: string): Promise<Dictionary> {
    const { dictionary, isDurable } = await this.#fresh(source, sha256);
    if (isDurable) return dictionary;
    await this.#store.dictionaries.create(source, sha256, dictionary.bytes);
    // It is no younger for that: it is read again when it would have been.
    const durable = { dictionary, isDurable: true };
    this.#cached.set(keyOf(source, sha256), durable, { noUpdateTTL: true });
    return dictionary;
  }

  /** What a source's objects needed last: the next one most likely needs it too. */
  latest(source: string): Dictionary | undefined {
    for (const [key, { dictionary }] of this.#cached.entries()) {
      if (key.startsWith(`${source}/`)) return dictionary;
    }
    return undefined;
  }

  async #fresh(source: string, sha256: string): Promise<CachedDictionary> {
    const known = this.#cached.get(keyOf(source, sha256));
    if (known !== undefined) return known;
    const bytes = await this.#store.dictionaries.read(source, sha256);
    if (bytes === undefined) throw missing(this.#store, source, sha256);
    const cached = { dictionary: { sha256, bytes }, isDurable: false };
    this.#cached.set(keyOf(source, sha256), cached);
    return cached;
  }
}

const keyOf = (source: string, sha256: string): string => `${source}/${sha256}`;

const missing = (store: ArchiveStore, source: string, sha256: string): WalqError =>
  new WalqError('dictionary-missing', {
    message: `the archive ${store.url} has no dictionary ${sha256} of source '${source}'`,
  });

const caches = new WeakMap<ArchiveStore, DictionaryCache>();

/** A process opens a store once and shares it; so does its cache. */
export function dictionaryCacheOf(store: ArchiveStore): DictionaryCache {
  const cache = caches.get(store) ?? new DictionaryCache(store);
  caches.set(store, cache);
  return cache;
}

/** Makes an object durable that somebody else published, and first the dictionary without which it is nothing. */
export async function makeFoundDurable(
  store: ArchiveStore,
  key: ArchiveKey,
  { dictionary }: Manifest,
): Promise<void> {
  if (dictionary !== null) await dictionaryCacheOf(store).readDurable(key.source, dictionary);
  await store.makeDurable(key);
}
