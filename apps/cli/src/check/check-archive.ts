import {
  isS3Url,
  nodeDisk,
  openStoreOf,
  readIdentity,
  readOwnerOf,
  type ArchiveStore,
  type ConfiguredSource,
} from '@walq/wal-core';
import { finding, ok, type Finding } from './finding.ts';

const IN_A_DIRECTORY = 'can be written, fsynced and linked';
const IN_S3 = 'can be listed and written, and replaces nothing';

/** Whether walq can keep its promises in the archive that these sources share. Writes there, as a worker does. */
export function checkArchive(
  archive: ConfiguredSource,
  sources: readonly ConfiguredSource[],
): Promise<readonly Finding[]> {
  const subject = { check: 'archive', name: archive.archiveUrl } as const;
  return finding(subject, async () => {
    const store = openStoreOf(archive, nodeDisk);
    for (const source of sources) await refuseUnmounted(store, source);
    await store.prepare();
    return [ok(subject, isS3Url(store.url) ? IN_S3 : IN_A_DIRECTORY)];
  });
}

/** Preparing makes a directory that is missing, which is right for new sources alone. */
async function refuseUnmounted(store: ArchiveStore, source: ConfiguredSource): Promise<void> {
  // A source that cannot be read has a finding of its own.
  const id = await readIdentity(nodeDisk, source).catch(() => undefined);
  if (id !== undefined) await readOwnerOf(nodeDisk, source, store);
}
