import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from '@walq/config';
import { requireStateDirectory } from '../directories.ts';

/** The directory of the private Redis of one configuration; each has its own. */
export function privateRedisDirectory(config: Config): string {
  const place = config.file ?? process.cwd();
  const name = createHash('sha256').update(place).digest('hex').slice(0, 16);
  return join(requireStateDirectory('the private Redis', 'redis.url'), `redis-${name}`);
}
