/** The directory of a private Redis: its ownership, its socket, and the record by which other commands find it. */
import { readFile, writeFile, mkdtemp, rm, lstat } from 'node:fs/promises';
import { join, dirname } from 'node:path';
import { tmpdir } from 'node:os';
import { createHash } from 'node:crypto';
import { type Config, requireStateDirectory } from '@walq/config';

/** Each configuration has its own private Redis. */
export function privateRedisDirectory(config: Config): string {
  const place = config.file ?? process.cwd();
  const name = createHash('sha256').update(place).digest('hex').slice(0, 16);
  return join(requireStateDirectory('the private Redis', 'redis.url'), `redis-${name}`);
}

/** Whether only this user can write there. */
export async function isOwnDirectory(path: string): Promise<boolean> {
  const state = await lstat(path).catch(() => undefined);
  if (state === undefined || !state.isDirectory()) return false;
  return state.uid === process.getuid?.() && (state.mode & 0o077) === 0;
}

interface RedisRecord {
  /** Path of its socket. */
  readonly socket: string;
  /** Process id of the walq that started it. */
  readonly owner: number;
}

const recordPath = (directory: string): string => join(directory, 'server.json');

export async function writeRecord(directory: string, record: RedisRecord): Promise<void> {
  await writeFile(recordPath(directory), `${JSON.stringify(record)}\n`, { mode: 0o600 });
}

/** Undefined when the record is missing or incomplete. */
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

/** The kernel's limit of 108 bytes, less the final zero byte. */
const PATH_BYTES_MAX = 107;

/** A path in the directory; in a new temporary directory of this user if that path is too long for a socket. */
export async function newSocketPath(directory: string): Promise<string> {
  const path = join(directory, 'redis.sock');
  if (Buffer.byteLength(path) <= PATH_BYTES_MAX) return path;
  return join(await mkdtemp(join(tmpdir(), 'walq-')), 'redis.sock');
}

/** Also removes the temporary directory that `newSocketPath` created. */
export async function removeSocket(path: string, directory: string): Promise<void> {
  const created = dirname(path) === directory ? path : dirname(path);
  await rm(created, { force: true, recursive: true });
}
