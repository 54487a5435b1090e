import type { Disk } from '../base/disk/disk.ts';
import { requireSameIdentity } from '../source/identity.ts';
import type { Source } from '../source/source.ts';
import type { ArchiveStore } from '../store/store.ts';
import { openSource, type OpenSource } from './open-source.ts';

/**
 * Opens each source once and reuses it while its directory carries the same identity: another directory may be mounted
 * there later. A source that could not be opened is opened again at the next call.
 */
export class OpenSources {
  readonly #disk: Disk;
  readonly #opened = new Map<string, OpenSource>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  async of(source: Source, store: ArchiveStore): Promise<OpenSource> {
    const disk = this.#disk;
    const known = this.#opened.get(source.name);
    if (known !== undefined && (await isSame(disk, known))) return known;
    const open = await openSource({ disk, source, store, registerIfNew: false });
    this.#opened.set(source.name, open);
    return open;
  }
}

/** Where this cannot be said, opening the source again says why. */
const isSame = (disk: Disk, open: OpenSource): Promise<boolean> =>
  requireSameIdentity(disk, open).then(
    () => true,
    () => false,
  );
