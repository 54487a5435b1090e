/**
 * The dictionaries that a process uses: read from the archive, checked against their names (SHA-256), and cached for
 * a
 * while. Memory is bounded, whatever number an archive holds.
 */
import { LRUCache } from 'lru-cache';
import { WalqError } from '../base/failure/walq-error.ts';
import type { Dictionary } from '../codec/dictionary.ts';
import type { Manifest } from '../codec/manifest.ts';
import type { ArchiveKey } from '../store/archive-key.ts';
import type { ArchiveStore } from '../store/store.ts';

const DICTIONARIES_MAX = 8;
/** A dictionary that was removed or damaged since is noticed after this long at the latest. */
const READ_AGAIN_MS = 60_000;

interface CachedDictionary {
  readonly dictionary: Dictionary;
  /** Whether this process has made it durable. */
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

  /** As `read`, and made durable by this process: the process that stored it may have died before its fsync (I1). */
  async readDurable(source: string, sha256: string): Promise<Dictionary> {
    const { dictionary, isDurable } = await this.#fresh(source, sha256);
    if (isDurable) return dictionary;
    await this.#store.dictionaries.create(source, sha256, dictionary.bytes);
    // The entry expires when it would have: it was not read again.
    const durable = { dictionary, isDurable: true };
    this.#cached.set(keyOf(source, sha256), durable, { noUpdateTTL: true });
    return dictionary;
  }

  /** The dictionary used last by this source: the next object most likely needs it too. */
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

/** A process opens a store once and shares it, and with it the cache. */
export function dictionaryCacheOf(store: ArchiveStore): DictionaryCache {
  const cache = caches.get(store) ?? new DictionaryCache(store);
  caches.set(store, cache);
  return cache;
}

/**
 * Makes durable an object that another process published. Its dictionary comes first: without it the object cannot be
 * decoded.
 */
export async function makeFoundDurable(
  store: ArchiveStore,
  key: ArchiveKey,
  { dictionary }: Manifest,
): Promise<void> {
  if (dictionary !== null) await dictionaryCacheOf(store).readDurable(key.source, dictionary);
  await store.makeDurable(key);
}
