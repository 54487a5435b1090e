/**
 * The dictionaries of an archive as a process uses them: read from the archive itself and compared with their
 * names, then remembered for a while. A few are kept in memory, however many an archive holds.
 */
import { WalqError } from '../base/failure/walq-error.ts';
import type { ArchiveStore } from '../store/store.ts';
import type { Dictionary } from '../codec/dictionary.ts';
import type { ArchiveKey } from '../store/archive-key.ts';
import type { Manifest } from '../codec/manifest.ts';

const DICTIONARIES_MAX = 8;
/** One that was removed or damaged meanwhile is noticed after this long at the latest. */
const READ_AGAIN_MS = 60_000;

interface Kept {
  readonly dictionary: Dictionary;
  readonly readAtMs: number;
  /** Whether this process itself has made it durable. */
  readonly isSettled: boolean;
}

class DictionaryShelf {
  readonly #store: ArchiveStore;
  /** The most recently used last. */
  readonly #kept = new Map<string, Kept>();

  constructor(store: ArchiveStore) {
    this.#store = store;
  }

  /** @throws WalqError `dictionary-missing` or `dictionary-corrupt`, or what the store says */
  async read(source: string, sha256: string): Promise<Dictionary> {
    return (await this.#fresh(source, sha256)).dictionary;
  }

  /** As `read`, and durable by this process itself: whoever stored it may have died before his fsync (I1). */
  async settle(source: string, sha256: string): Promise<Dictionary> {
    const kept = await this.#fresh(source, sha256);
    if (kept.isSettled) return kept.dictionary;
    await this.#store.dictionaries.create(source, sha256, kept.dictionary.bytes);
    this.#keep(source, { ...kept, isSettled: true });
    return kept.dictionary;
  }

  /** What a source's objects needed last: the next one most likely needs it too. */
  latest(source: string): Dictionary | undefined {
    const ofSource = [...this.#kept].findLast(([key]) => key.startsWith(`${source}/`));
    return ofSource !== undefined && isFresh(ofSource[1]) ? ofSource[1].dictionary : undefined;
  }

  async #fresh(source: string, sha256: string): Promise<Kept> {
    const known = this.#kept.get(keyOf(source, sha256));
    const isKnown = known !== undefined && isFresh(known);
    const kept = isKnown ? known : await this.#readNow(source, sha256);
    this.#keep(source, kept);
    return kept;
  }

  async #readNow(source: string, sha256: string): Promise<Kept> {
    this.#kept.delete(keyOf(source, sha256));
    const bytes = await this.#store.dictionaries.read(source, sha256);
    if (bytes === undefined) throw missing(this.#store, source, sha256);
    return { dictionary: { sha256, bytes }, readAtMs: performance.now(), isSettled: false };
  }

  #keep(source: string, kept: Kept): void {
    const key = keyOf(source, kept.dictionary.sha256);
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= DICTIONARIES_MAX) return;
      this.#kept.delete(oldest);
    }
  }
}

const isFresh = ({ readAtMs }: Kept): boolean => performance.now() - readAtMs < READ_AGAIN_MS;

const keyOf = (source: string, sha256: string): string => `${source}/${sha256}`;

const missing = (store: ArchiveStore, source: string, sha256: string): WalqError =>
  new WalqError('dictionary-missing', {
    message: `the archive ${store.url} has no dictionary ${sha256} of source '${source}'`,
  });

const shelves = new WeakMap<ArchiveStore, DictionaryShelf>();

/** A process opens a store once and shares it; so does its shelf. */
export function shelfOf(store: ArchiveStore): DictionaryShelf {
  const shelf = shelves.get(store) ?? new DictionaryShelf(store);
  shelves.set(store, shelf);
  return shelf;
}

/** Makes an object durable that somebody else published, and first the dictionary without which it is nothing. */
export async function settleFound(
  store: ArchiveStore,
  key: ArchiveKey,
  { dictionary }: Manifest,
): Promise<void> {
  if (dictionary !== null) await shelfOf(store).settle(key.source, dictionary);
  await store.settle(key);
}
