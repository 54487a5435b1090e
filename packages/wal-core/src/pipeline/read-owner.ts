import type { Disk } from '../base/disk/disk.ts';
import { isKnownArchive } from '../source/known-archives.ts';
import { readIdentity } from '../source/identity.ts';
import type { Source } from '../source/source.ts';
import { MissingArchive } from '../store/directory/failures.ts';
import { readArchiveOwner, type ArchiveOwner } from '../store/archive-owner.ts';
import type { ArchiveStore } from '../store/store.ts';

/**
 * As `readArchiveOwner`, by who can see the source: that remembers which archives it has been archived to, so that a
 * missing directory is said to be new, or to be not mounted.
 */
export async function readOwnerOf(
  disk: Disk,
  source: Source,
  store: ArchiveStore,
): Promise<ArchiveOwner | undefined> {
  return readArchiveOwner(store, source.name).catch(async (error: unknown) => {
    if (!(error instanceof MissingArchive)) throw error;
    throw await explained(disk, source, store, error);
  });
}

async function explained(
  disk: Disk,
  source: Source,
  store: ArchiveStore,
  missing: MissingArchive,
): Promise<MissingArchive> {
  try {
    if (await isKnownArchive(disk, source, store.url)) {
      return new MissingArchive(missing.root, 'was-there');
    }
    // One without an identity may be new, or not be mounted: it remembers nothing.
    if ((await readIdentity(disk, source)) === undefined) return missing;
    return new MissingArchive(missing.root, 'never-there');
  } catch {
    return missing;
  }
}
