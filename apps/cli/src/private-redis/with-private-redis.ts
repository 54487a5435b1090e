import { Supervised, type ChildListener } from '../supervise/index.ts';
import { preparePrivateRedis, type PrivateRedis } from './private-redis.ts';

/** Runs a Redis in the directory for as long as the work takes; it ends after those who used it. */
export async function withPrivateRedis<T>(
  directory: string,
  listener: ChildListener,
  signal: AbortSignal,
  work: (redis: PrivateRedis) => Promise<T>,
): Promise<T> {
  const redis = await preparePrivateRedis(directory);
  const server = new Supervised(redis.child, listener);
  try {
    await redis.untilReady(signal);
    return await work(redis);
  } finally {
    await server.stop();
    await redis.removeSocket();
  }
}
