import {
  nodeDisk,
  openStore,
  readArchiveOwner,
  readIdentity,
  type ArchiveStore,
  type ConfiguredSource,
} from '@walq/wal-core';
import { finding, ok, type Finding } from './finding.ts';

/** Whether walq can keep its promises in the archive of these sources. Writes there, as a worker does. */
export function checkArchive(
  url: string,
  sources: readonly ConfiguredSource[],
): Promise<readonly Finding[]> {
  const subject = { check: 'archive', name: url } as const;
  return finding(subject, async () => {
    const store = openStore(url, { disk: nodeDisk });
    for (const source of sources) await refuseUnmounted(store, source);
    await store.prepare();
    return [ok(subject, 'can be written, fsynced and linked')];
  });
}

/** Preparing makes a directory that is missing, which is right for new sources alone. */
async function refuseUnmounted(store: ArchiveStore, source: ConfiguredSource): Promise<void> {
  // A source that cannot be read has a finding of its own.
  const id = await readIdentity(nodeDisk, source).catch(() => undefined);
  if (id !== undefined) await readArchiveOwner(store, source.name);
}
