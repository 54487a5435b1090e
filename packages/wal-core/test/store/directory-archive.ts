import { readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@walq/test-support';
import { nodeDisk, openStore, type ArchiveStore, type Disk } from '@walq/wal-core/internal';
import type { StoreTarget } from '@walq/conformance';

/** A directory store in a directory of its own, with its root. */
export async function newArchive(
  disk: Disk = nodeDisk,
): Promise<{ store: ArchiveStore; root: string }> {
  const directory = await temporaryDirectory('archive');
  const root = directory.at('archive');
  await openStore(root, { disk: nodeDisk }).prepare();
  return { store: openStore(root, { disk }), root };
}

/** The same for the conformance suite. */
export async function conformanceTarget(disk: Disk): Promise<StoreTarget> {
  const { store, root } = await newArchive(disk);
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

/** Sets the time at which a file was last written. */
export async function ageFile(path: string, ageMs: number): Promise<void> {
  const then = new Date(Date.now() - ageMs);
  await utimes(path, then, then);
}
