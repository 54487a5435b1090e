import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { createFileDurably, readSmallFile, type Disk } from '../disk/index.ts';
import { isExisting, reasonOf, WalqError } from '../failure/index.ts';
import { walqDirectory, type Source } from './source.ts';

const identitySchema = z.looseObject({ version: z.literal(1), sourceId: z.uuid() });

const identityPath = (source: Source): string => join(walqDirectory(source), 'source.json');

/** The UUID of the source, undefined where the directory carries none (new, or not mounted). */
export async function readIdentity(disk: Disk, source: Source): Promise<string | undefined> {
  const text = await readSmallFile(disk, identityPath(source)).catch((cause: unknown) => {
    throw unavailable(source, reasonOf(cause), cause);
  });
  if (text === undefined) return undefined;
  try {
    return identitySchema.parse(JSON.parse(text)).sourceId;
  } catch (cause) {
    throw unavailable(source, `${identityPath(source)} is damaged`, cause);
  }
}

/** As `readIdentity`, for those who may not make one: a source without identity is unavailable. */
export async function requireIdentity(disk: Disk, source: Source): Promise<string> {
  const id = await readIdentity(disk, source);
  if (id === undefined) {
    throw unavailable(source, `${source.directory} carries no identity (${identityPath(source)})`);
  }
  return id;
}

/**
 * Gives a source that is new its UUID; of several who try at once, all get the same one. The directory
 * itself must be there: one that is not mounted is not made.
 */
export async function createIdentity(disk: Disk, source: Source): Promise<string> {
  try {
    await disk.lstat(source.directory);
    await disk.makeDirectory(walqDirectory(source));
    await createOrSettle(disk, identityPath(source));
    await disk.syncDirectory(source.directory);
  } catch (cause) {
    throw unavailable(source, reasonOf(cause), cause);
  }
  return requireIdentity(disk, source);
}

/** One that is there already may not be durable yet: its maker may have died too early. */
async function createOrSettle(disk: Disk, path: string): Promise<void> {
  const identity = { version: 1, sourceId: randomUUID() };
  try {
    await createFileDurably(disk, path, `${JSON.stringify(identity)}\n`);
  } catch (error) {
    if (!isExisting(error)) throw error;
    await disk.syncFile(path);
    await disk.syncDirectory(dirname(path));
  }
}

function unavailable(source: Source, why: string, cause?: unknown): WalqError {
  return new WalqError('source-unavailable', {
    message: `source '${source.name}' is not available: ${why}`,
    cause,
  });
}
