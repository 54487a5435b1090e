import { inCache } from '../project.mjs';
import { getPrivateRedis } from './get-private-redis.mjs';
import { outputOf } from './output-of.mjs';

const privateRedis = inCache('redis/bin/redis-server');

/**
 * Finds a Redis to start: on the PATH, else one of the project's own under
 * `.cache/redis`, got from the system's packages without altering the system.
 */
export async function findRedis(say) {
  for (const command of ['redis-server', 'valkey-server', privateRedis]) {
    const version = outputOf(command, ['--version']);
    if (version !== undefined) return describe(command, version);
  }
  if (process.env.WALQ_REDIS__URL) return 'the server that WALQ_REDIS__URL names';
  say('none on the PATH: getting one into .cache/redis');
  await getPrivateRedis();
  return describe(privateRedis, outputOf(privateRedis, ['--version']));
}

function describe(command, version) {
  const number = /v=(\S+)/.exec(version)?.[1] ?? 'of unknown version';
  const place = command === privateRedis ? '.cache/redis' : command;
  return `${place} ${number}`;
}
