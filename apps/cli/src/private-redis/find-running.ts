import { Secret, type RedisConfig } from '@walq/wal-core';
import { askRedis } from './ask.ts';
import { knownPassword, readRecord } from './record.ts';

/** The private Redis that a `walq up` runs in this directory now; undefined when none does. */
export async function findRunningRedis(directory: string): Promise<RedisConfig | undefined> {
  const record = await readRecord(directory);
  const password = await knownPassword(directory);
  if (record === undefined || password === undefined) return undefined;
  const { port } = record;
  if ((await askRedis({ port, password }, 'PING')) !== '+PONG') return undefined;
  return {
    shown: `redis://127.0.0.1:${port}`,
    servers: { kind: 'single', address: { host: '127.0.0.1', port } },
    database: 0,
    tls: false,
    certificateAuthority: undefined,
    username: undefined,
    password: new Secret(password),
  };
}
