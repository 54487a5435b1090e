export { privateRedisDirectory } from './directory.ts';
export { findRunningRedis } from './find-running.ts';
export { withPrivateRedis } from './with-private-redis.ts';
