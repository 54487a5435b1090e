/** What an owner leaves in the directory of its Redis, so that others of its user find the server. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface RedisRecord {
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
