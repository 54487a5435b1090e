/** What an owner leaves in the directory of its Redis, so that the next one can find a server it left. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface RedisRecord {
  readonly port: number;
  /** Process of walq that started it. */
  readonly owner: number;
}

const recordPath = (directory: string): string => join(directory, 'server.json');
export const passwordPath = (directory: string): string => join(directory, 'password');

export async function writeRecord(directory: string, record: RedisRecord): Promise<void> {
  await writeFile(recordPath(directory), `${JSON.stringify(record)}\n`, { mode: 0o600 });
}

/** Undefined when there is none, or half of one. */
export async function readRecord(directory: string): Promise<RedisRecord | undefined> {
  const text = await readFile(recordPath(directory), 'utf8').catch(() => '');
  const { port, owner } = /"port":(?<port>\d+),"owner":(?<owner>\d+)/.exec(text)?.groups ?? {};
  if (port === undefined || owner === undefined) return undefined;
  return { port: Number(port), owner: Number(owner) };
}

/** The password of the directory's server; undefined when it never had one. */
export async function knownPassword(directory: string): Promise<string | undefined> {
  const text = await readFile(passwordPath(directory), 'utf8').catch(() => '');
  return /^[0-9a-f]{64}$/.test(text) ? text : undefined;
}

/** The password of the directory's server, made up the first time. */
export async function passwordOf(directory: string): Promise<string> {
  const known = await knownPassword(directory);
  if (known !== undefined) return known;
  const password = randomBytes(32).toString('hex');
  await writeFile(passwordPath(directory), password, { mode: 0o600 });
  return password;
}
