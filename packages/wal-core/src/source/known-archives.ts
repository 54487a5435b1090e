/**
 * Which archives a source has been archived to, remembered beside its identity. An archive that is known
 * and has lost its record of the source is not mounted: without this memory its empty mount point would
 * look like a new archive to a process that has just started.
 */
import { shortHash } from '../base/hash.ts';
import { join } from 'node:path';
import { z } from 'zod';
import { createFileDurably } from '../base/disk/write-file-durably.ts';
import { readSmallFile } from '../base/disk/read-small-file.ts';
import type { Disk } from '../base/disk/disk.ts';
import { isExisting, sourceFailure } from '../base/failure/system-error.ts';
import { jsonRecord } from '../base/json-record.ts';
import { walqDirectory, type Source } from './source.ts';

const FOLDER = 'archives';
const format = jsonRecord({ url: z.string() });

/** By the URL's hash: a URL is no file name. */
function recordPath(source: Source, archiveUrl: string): string {
  const name = shortHash(archiveUrl);
  return join(walqDirectory(source), FOLDER, `${name}.json`);
}

export async function isKnownArchive(
  disk: Disk,
  source: Source,
  archiveUrl: string,
): Promise<boolean> {
  const path = recordPath(source, archiveUrl);
  const text = await readSmallFile(disk, path).catch((cause: unknown) => {
    throw sourceFailure(`read ${path}`, cause);
  });
  return text !== undefined;
}

/** Remembers an archive, durably; again is no error. */
export async function rememberArchive(
  disk: Disk,
  source: Source,
  archiveUrl: string,
): Promise<void> {
  const path = recordPath(source, archiveUrl);
  try {
    const made = await disk.makeDirectory(join(walqDirectory(source), FOLDER));
    if (made.length > 0) await disk.syncDirectory(walqDirectory(source));
    await createFileDurably(disk, path, format.text({ url: archiveUrl }));
  } catch (error) {
    if (!isExisting(error)) throw sourceFailure(`write ${path}`, error);
  }
}
