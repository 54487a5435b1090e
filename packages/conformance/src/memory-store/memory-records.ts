import {
  refuseSourceName,
  refuseFolderName,
  refuseRecordName,
  type RecordStore,
} from '@walq/wal-core/internal';

/** The records of a memory store. */
export class MemoryRecords implements RecordStore {
  readonly #texts = new Map<string, Map<string, string>>();

  sources(): readonly string[] {
    return [...this.#texts.keys()];
  }

  async create(source: string, name: string, text: string): Promise<'created' | 'exists'> {
    const records = this.#recordsOf(source, name) ?? new Map<string, string>();
    this.#texts.set(source, records);
    if (records.has(name)) return 'exists';
    records.set(name, text);
    return 'created';
  }

  async read(source: string, name: string): Promise<string | undefined> {
    return this.#recordsOf(source, name)?.get(name);
  }

  async list(source: string, folder: string): Promise<readonly string[]> {
    refuseSourceName(source);
    refuseFolderName(folder);
    const names = [...(this.#texts.get(source)?.keys() ?? [])];
    const prefix = `${folder}/`;
    return names
      .flatMap((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : []))
      .toSorted();
  }

  async remove(source: string, name: string): Promise<void> {
    this.#recordsOf(source, name)?.delete(name);
  }

  #recordsOf(source: string, name: string): Map<string, string> | undefined {
    refuseSourceName(source);
    refuseRecordName(name);
    return this.#texts.get(source);
  }
}
