import { dirname, resolve } from 'node:path';
import { errnoOf } from '../failure/system-error.ts';

interface DirectoryCalls {
  readonly makeOne: (path: string) => Promise<unknown>;
  readonly isDirectory: (path: string) => Promise<boolean>;
}

/**
 * Creates a directory and its missing parents, and gives those that it created, outermost first. It creates them one
 * by one, because Node's own `recursive` reports ENOENT instead of EROFS.
 */
export async function makeDirectories(
  path: string,
  calls: DirectoryCalls,
): Promise<readonly string[]> {
  const directory = resolve(path);
  try {
    return await makeOneUnlessThere(directory, calls);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || directory === dirname(directory)) throw error;
  }
  const parents = await makeDirectories(dirname(directory), calls);
  return [...parents, ...(await makeOneUnlessThere(directory, calls))];
}

async function makeOneUnlessThere(
  directory: string,
  calls: DirectoryCalls,
): Promise<readonly string[]> {
  try {
    await calls.makeOne(directory);
    return [directory];
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || !(await calls.isDirectory(directory))) throw error;
    return [];
  }
}
