import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Every file below a directory with what is in it, but for those in the folders left out. */
export async function contentsBelow(
  directory: string,
  leftOut: readonly string[] = [],
): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !leftOut.includes(relative(directory, path).split('/')[0] ?? ''));
  const pairs = paths.map(async (path) => [path, await readFile(path, 'latin1')] as const);
  return Object.fromEntries(await Promise.all(pairs));
}
