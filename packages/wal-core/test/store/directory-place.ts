import { readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@walq/test-support';
import { nodeDisk, openStore, type ArchiveStore, type Disk } from '@walq/wal-core/internal';
import type { StorePlace } from '@walq/conformance';

/** A directory store in a directory of its own, with its root. */
export async function directoryPlace(
  disk: Disk = nodeDisk,
): Promise<{ store: ArchiveStore; root: string }> {
  const directory = await temporaryDirectory('archive');
  const root = directory.at('archive');
  await openStore(root, { disk: nodeDisk }).prepare();
  return { store: openStore(root, { disk }), root };
}

/** The same for the conformance suite. */
export async function conformingPlace(disk: Disk): Promise<StorePlace> {
  const { store, root } = await directoryPlace(disk);
  return {
    store,
    twin: openStore(root, { disk }),
    age: ({ path }, ageMs) => ageFile(path, ageMs),
    textAt: (name) => textAt(join(root, name)),
    cleanup: async () => {},
  };
}

/** Contents of a file, undefined where there is none. */
async function textAt(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** Makes a file look as if it had last been written so long ago. */
export async function ageFile(path: string, ageMs: number): Promise<void> {
  const then = new Date(Date.now() - ageMs);
  await utimes(path, then, then);
}
