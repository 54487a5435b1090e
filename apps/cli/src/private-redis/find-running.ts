import type { RedisConfig } from '@walq/config';
import { askRedis } from './ask.ts';
import { readRecord } from './record.ts';

/** The private Redis that a `walq up` runs in this directory now; undefined when none does. */
export async function findRunningRedis(directory: string): Promise<RedisConfig | undefined> {
  const record = await readRecord(directory);
  if (record === undefined) return undefined;
  const { socket: path } = record;
  if ((await askRedis(path, 'PING')) !== '+PONG') return undefined;
  return {
    shown: `unix://${path}`,
    servers: { kind: 'socket', path },
    database: 0,
    tls: false,
    certificateAuthority: undefined,
    username: undefined,
    password: undefined,
  };
}
