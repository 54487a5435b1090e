import type { Disk } from '../base/disk/disk.ts';
import { limitOf, openStore } from './open-store.ts';
import type { ArchiveSettings } from './s3/settings.ts';
import type { ArchiveStore } from './store.ts';

/** Where a source is archived, and how that is reached. */
export interface ArchivedAt {
  readonly archiveUrl: string;
  /** The same for all sources of a process. */
  readonly archiveSettings?: ArchiveSettings;
}

/** The store of one source. */
export const openStoreOf = (
  { archiveUrl, archiveSettings: settings }: ArchivedAt,
  disk: Disk,
): ArchiveStore => openStore(archiveUrl, { disk, settings });

/** The store of each source; sources of one archive share one object, as a process should. */
export function openStores(
  sources: readonly (ArchivedAt & { readonly name: string })[],
  disk: Disk,
): (source: { readonly name: string }) => ArchiveStore {
  const settings = sources.find((one) => one.archiveSettings !== undefined)?.archiveSettings;
  const limit = limitOf(settings);
  const byUrl = new Map<string, ArchiveStore>();
  const byName = new Map<string, ArchiveStore>();
  for (const { name, archiveUrl } of sources) {
    const store = byUrl.get(archiveUrl) ?? openStore(archiveUrl, { disk, settings, limit });
    byUrl.set(archiveUrl, store);
    byName.set(name, store);
  }
  return ({ name }) => {
    const store = byName.get(name);
    if (store === undefined) throw new TypeError(`no source '${name}' is configured`);
    return store;
  };
}
