import { dirname } from 'node:path';
import { isExisting, storeFailure } from '../../base/failure/system-error.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import type { Staging } from '../store.ts';
import { linkFailure } from './store-failures.ts';
import { objectPath, type Place } from './place.ts';
import { unlinkStaged } from './stage.ts';

/**
 * `link` and never `rename`: it refuses a taken name, so nothing is ever replaced (I3), and the name
 * appears with the whole file behind it (I5). A failure after the link leaves a whole object, which
 * the next attempt finds and settles.
 */
export async function publish(place: Place, staging: Staging): Promise<'published' | 'exists'> {
  const path = objectPath(place, staging.key);
  const won = await linkObject(place, staging.path, path);
  await unlinkStaged(place, staging.path);
  if (!won) return 'exists';
  await place.durable.settle(dirname(path));
  return 'published';
}

/**
 * True when the object is the staged file. An existing one can be that too: an NFS server may have
 * done the link and lost its answer, or an earlier `publish` failed after it.
 */
async function linkObject(place: Place, staged: string, path: string): Promise<boolean> {
  const taken = await isTaken(place, staged, path);
  const ours = await isSameFile(place, staged, path);
  if (taken || ours) return ours;
  throw new WalqError('store-unavailable', {
    message: `unable to publish '${path}': another program replaced it in the same moment`,
  });
}

async function isTaken(place: Place, staged: string, path: string): Promise<boolean> {
  try {
    await place.disk.link(staged, path);
    return false;
  } catch (error) {
    if (isExisting(error)) return true;
    throw linkFailure(path, error);
  }
}

async function isSameFile(place: Place, staged: string, path: string): Promise<boolean> {
  try {
    const [a, b] = await Promise.all([place.disk.lstat(staged), place.disk.lstat(path)]);
    return a.device === b.device && a.inode === b.inode;
  } catch (error) {
    throw storeFailure(`look at '${path}' after it was linked`, error);
  }
}
