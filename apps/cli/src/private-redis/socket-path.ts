import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The kernel's bound, with its closing zero byte. */
const PATH_BYTES_MAX = 107;

/** Where a Redis of this directory listens: in it, or in a new directory of this user where that path is too long. */
export async function newSocketPath(directory: string): Promise<string> {
  const path = join(directory, 'redis.sock');
  if (Buffer.byteLength(path) <= PATH_BYTES_MAX) return path;
  return join(await mkdtemp(join(tmpdir(), 'walq-')), 'redis.sock');
}

/** With the directory that was made for it. */
export async function removeSocket(path: string, directory: string): Promise<void> {
  const made = dirname(path) === directory ? path : dirname(path);
  await rm(made, { force: true, recursive: true });
}
