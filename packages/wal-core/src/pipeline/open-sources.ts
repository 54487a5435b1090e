import type { Disk } from '../base/disk/disk.ts';
import { readIdentity } from '../source/identity.ts';
import type { Source } from '../source/source.ts';
import type { ArchiveStore } from '../store/store.ts';
import { openSource, type OpenSource } from './open-source.ts';

interface Opening {
  readonly sourceId: string | undefined;
  readonly open: Promise<OpenSource>;
}

/**
 * Opens each source once and reuses it while its directory carries the same identity: another directory may be mounted
 * there later. A source that could not be opened is opened again at the next call.
 */
export class OpenSources {
  readonly #disk: Disk;
  readonly #openings = new Map<string, Opening>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  async of(source: Source, store: ArchiveStore): Promise<OpenSource> {
    const disk = this.#disk;
    const sourceId = await readIdentity(disk, source);
    const known = this.#openings.get(source.name);
    if (known !== undefined && known.sourceId === sourceId) return known.open;
    const open = openSource({ disk, source, store, registerIfNew: false });
    const opening = { sourceId, open };
    this.#openings.set(source.name, opening);
    open.catch(() => this.#forget(source, opening));
    return open;
  }

  #forget(source: Source, opening: Opening): void {
    if (this.#openings.get(source.name) === opening) this.#openings.delete(source.name);
  }
}
