import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterThisTest } from './after-this-test.ts';
import { freePort } from './free-port.ts';
import { RunningRedis } from './running-redis.ts';

export interface RedisOptions {
  /** @default a free port of the loopback interface */
  readonly port?: number;
  /** Further arguments of redis-server, such as `['--appendonly', 'yes']`. @default none */
  readonly args?: readonly string[];
}

/**
 * Starts a real redis-server with a directory of its own, on 127.0.0.1, without
 * persistence and never evicting unless `args` say otherwise; resolves when it
 * answers PING. Within a test it is stopped when the test ends; after `beforeAll`
 * call `stop()` in `afterAll`.
 */
export async function startRedis(options: RedisOptions = {}): Promise<RunningRedis> {
  const directory = await mkdtemp(join(tmpdir(), 'redis-'));
  const port = options.port ?? (await freePort());
  const redis = new RunningRedis(directory, port, options.args ?? []);
  afterThisTest(() => redis.stop());
  await redis.start();
  return redis;
}
