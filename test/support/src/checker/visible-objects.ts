import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** An object as any reader of the archive's directory sees it. */
export interface VisibleObject {
  readonly path: string;
  /** Name of the segment that the file's name stands for; undefined where it stands for none. */
  readonly segment: string | undefined;
}

/** What walq keeps for itself beside the objects of a source. */
const RECORDS_FOLDER = '_walq';

/** Every file below a source's folder that is not hidden; a folder that is not there holds none. */
export async function visibleObjects(sourceFolder: string): Promise<VisibleObject[]> {
  const objects: VisibleObject[] = [];
  for (const shard of await visibleNames(sourceFolder)) {
    if (shard === RECORDS_FOLDER) continue;
    const folder = join(sourceFolder, shard);
    for (const name of await visibleNames(folder)) {
      objects.push({ path: join(folder, name), segment: segmentOf(name) });
    }
  }
  return objects;
}

/** Hidden files below a source's folder: what is being written, and what killed writers left. */
export async function hiddenFiles(sourceFolder: string): Promise<string[]> {
  const found: string[] = [];
  for (const shard of await visibleNames(sourceFolder)) {
    if (shard !== RECORDS_FOLDER) found.push(...(await names(join(sourceFolder, shard))));
  }
  return found.filter((name) => name.startsWith('.'));
}

const visibleNames = async (folder: string): Promise<string[]> =>
  (await names(folder)).filter((name) => !name.startsWith('.'));

async function names(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function segmentOf(fileName: string): string | undefined {
  if (!fileName.endsWith('.zst')) return undefined;
  return decodeURIComponent(fileName.slice(0, -'.zst'.length));
}
