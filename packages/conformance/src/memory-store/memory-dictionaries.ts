import {
  refuseSourceName,
  refuseDictionaryName,
  refuseUnfitDictionary,
  type DictionaryStore,
} from '@walq/wal-core/internal';

/** The dictionaries of a memory store. */
export class MemoryDictionaries implements DictionaryStore {
  readonly #bytes = new Map<string, Map<string, Uint8Array>>();

  sources(): readonly string[] {
    return [...this.#bytes.keys()];
  }

  async create(source: string, sha256: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
    refuseSourceName(source);
    refuseUnfitDictionary(sha256, bytes);
    const ofSource = this.#bytes.get(source) ?? new Map<string, Uint8Array>();
    this.#bytes.set(source, ofSource);
    if (ofSource.has(sha256)) return 'exists';
    ofSource.set(sha256, Uint8Array.from(bytes));
    return 'created';
  }

  async read(source: string, sha256: string): Promise<Uint8Array | undefined> {
    refuseSourceName(source);
    refuseDictionaryName(sha256);
    const bytes = this.#bytes.get(source)?.get(sha256);
    return bytes === undefined ? undefined : Uint8Array.from(bytes);
  }

  async list(source: string): Promise<readonly string[]> {
    refuseSourceName(source);
    return [...(this.#bytes.get(source)?.keys() ?? [])].toSorted();
  }
}
