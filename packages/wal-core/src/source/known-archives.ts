/**
 * Records which archives a source has been archived to, next to its identity. A known archive without its record of
 * the source is not mounted. Without this record, a process that has just started would take the empty mount point
 * for a new archive.
 */
import { shortHash } from '../base/hash.ts';
import { join } from 'node:path';
import * as v from 'valibot';
import { createFileDurably } from '../base/disk/write-file-durably.ts';
import { readSmallFile } from '../base/disk/read-small-file.ts';
import type { Disk } from '../base/disk/disk.ts';
import { isExisting, sourceFailure } from '../base/failure/system-error.ts';
import { jsonRecord } from '../base/json-record.ts';
import { walqDirectory, type Source } from './source.ts';

const FOLDER = 'archives';
const format = jsonRecord({ url: v.string() });

/** Named by the URL's hash: a URL is not a file name. */
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

/** Records an archive, durably and idempotently. */
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
