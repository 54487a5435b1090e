import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

const projectRedis = join(import.meta.dirname, '../../../.cache/redis/bin/redis-server');

/**
 * The Redis that tests run: `redis-server` or `valkey-server` on the PATH, else
 * the one that the set-up placed under the project's cache folder.
 */
export async function redisBinary(): Promise<string> {
  for (const candidate of [...onPath('redis-server'), ...onPath('valkey-server'), projectRedis]) {
    if (await isExecutable(candidate)) return candidate;
  }
  throw new Error("no redis-server: run 'npm run setup', which gets one");
}

function onPath(name: string): string[] {
  const directories = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return directories.map((directory) => join(directory, name));
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
