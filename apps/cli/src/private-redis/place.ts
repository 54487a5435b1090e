/** The directory of a private Redis: whose it is, the socket in it, and what its owner leaves for others of its user. */
import { readFile, writeFile, mkdtemp, rm, lstat } from 'node:fs/promises';
import { join, dirname } from 'node:path';
import { tmpdir } from 'node:os';
import { createHash } from 'node:crypto';
import { type Config, requireStateDirectory } from '@walq/config';

/** The directory of the private Redis of one configuration; each has its own. */
export function privateRedisDirectory(config: Config): string {
  const place = config.file ?? process.cwd();
  const name = createHash('sha256').update(place).digest('hex').slice(0, 16);
  return join(requireStateDirectory('the private Redis', 'redis.url'), `redis-${name}`);
}

/** Whether nobody but this user can put anything there. */
export async function isOwnDirectory(path: string): Promise<boolean> {
  const state = await lstat(path).catch(() => undefined);
  if (state === undefined || !state.isDirectory()) return false;
  return state.uid === process.getuid?.() && (state.mode & 0o077) === 0;
}

interface RedisRecord {
  /** Path of the socket that it listens at. */
  readonly socket: string;
  /** Process of walq that started it. */
  readonly owner: number;
}

const recordPath = (directory: string): string => join(directory, 'server.json');

export async function writeRecord(directory: string, record: RedisRecord): Promise<void> {
  await writeFile(recordPath(directory), `${JSON.stringify(record)}\n`, { mode: 0o600 });
}

/** Undefined when there is none, or half of one. */
export async function readRecord(directory: string): Promise<RedisRecord | undefined> {
  const text = await readFile(recordPath(directory), 'utf8').catch(() => '');
  try {
    const { socket, owner } = JSON.parse(text) as Partial<RedisRecord>;
    if (typeof socket !== 'string' || typeof owner !== 'number') return undefined;
    return { socket, owner };
  } catch {
    return undefined;
  }
}

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
