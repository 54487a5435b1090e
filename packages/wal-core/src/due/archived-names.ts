/** Names of a kept source's segments that are known to be archived; a cache, rebuilt from the archive. */
import type { Disk } from '../disk/index.ts';
import type { OpenSource } from '../pipeline/index.ts';
import { segmentsOf } from '../segment/index.ts';

export class ArchivedNames {
  readonly #disk: Disk;
  readonly #open: OpenSource;
  #names: Set<string> | undefined;

  constructor(disk: Disk, open: OpenSource) {
    this.#disk = disk;
    this.#open = open;
  }

  /** Lists the archive the first time; a source that deletes needs no memory and lists nothing. */
  async load(): Promise<void> {
    if (this.#names !== undefined) return;
    this.#names = this.#open.source.afterArchive === 'keep' ? await this.#list() : new Set();
  }

  has(name: string): boolean {
    return this.#names?.has(name) ?? false;
  }

  add(name: string): void {
    if (this.#open.source.afterArchive === 'keep') this.#names?.add(name);
  }

  /** Only what is at the source too, so that memory follows the source's directory, not the archive. */
  async #list(): Promise<Set<string>> {
    const there = new Set<string>();
    for await (const { name } of segmentsOf(this.#disk, this.#open.source)) there.add(name);
    const both = new Set<string>();
    for await (const keys of this.#open.store.list(this.#open.source.name)) {
      for (const { segment } of keys) if (there.has(segment)) both.add(segment);
    }
    return both;
  }
}
