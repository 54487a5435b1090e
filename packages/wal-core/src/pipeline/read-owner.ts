import type { Disk } from '../disk/index.ts';
import { isKnownArchive, readIdentity, type Source } from '../segment/index.ts';
import {
  MissingArchive,
  readArchiveOwner,
  type ArchiveOwner,
  type ArchiveStore,
} from '../store/index.ts';

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
