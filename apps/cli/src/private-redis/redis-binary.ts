import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { WalqError } from '@walq/wal-core/internal';

/** Where `npm run setup` places a server when the PATH has none; there is none in an installed package. */
const projectRedis = join(import.meta.dirname, '../../../../.cache/redis/bin/redis-server');

/** A server to start: `WALQ_REDIS_SERVER`, `redis-server` or `valkey-server` on the PATH, the project's. */
export async function redisBinary(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const named = env['WALQ_REDIS_SERVER'];
  const candidates = named
    ? [named]
    : [...onPath(env, 'redis-server'), ...onPath(env, 'valkey-server'), projectRedis];
  for (const candidate of candidates) if (await isExecutable(candidate)) return candidate;
  throw new WalqError('redis-unavailable', {
    message: named
      ? `WALQ_REDIS_SERVER names ${named}, which cannot be run`
      : 'there is no redis-server and no valkey-server on the PATH',
    hint: 'Install one (apt-get install redis-server), name one with WALQ_REDIS_SERVER, or set redis.url to a server that runs.',
  });
}

function onPath(env: NodeJS.ProcessEnv, name: string): string[] {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name));
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
