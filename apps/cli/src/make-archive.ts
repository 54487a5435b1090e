import {
  nodeDisk,
  openStoreOf,
  readIdentity,
  type ArchivedAt,
  type Source,
} from '@walq/wal-core/internal';

/**
 * Makes the directory of an archive for a source that is new, and tries whether it suits. Nothing of
 * such a source can be in an archive yet; for any other a missing directory means that the archive is
 * not mounted, and making one in its place would hide that.
 */
export async function makeArchiveFor(source: Source, archive: ArchivedAt): Promise<void> {
  if ((await readIdentity(nodeDisk, source)) !== undefined) return;
  await openStoreOf(archive, nodeDisk).prepare();
}
