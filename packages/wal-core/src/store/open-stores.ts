import type { Disk } from '../disk/index.ts';
import { openStore } from './open-store.ts';
import type { ArchiveStore } from './store.ts';

/** The store of each source; sources of one archive share one object, as a process should. */
export function openStores(
  sources: readonly { readonly name: string; readonly archiveUrl: string }[],
  disk: Disk,
): (source: { readonly name: string }) => ArchiveStore {
  const byUrl = new Map<string, ArchiveStore>();
  const byName = new Map<string, ArchiveStore>();
  for (const source of sources) {
    const store = byUrl.get(source.archiveUrl) ?? openStore(source.archiveUrl, { disk });
    byUrl.set(source.archiveUrl, store);
    byName.set(source.name, store);
  }
  return ({ name }) => {
    const store = byName.get(name);
    if (store === undefined) throw new TypeError(`no source '${name}' is configured`);
    return store;
  };
}
