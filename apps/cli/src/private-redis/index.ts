export { privateRedisDirectory } from './directory.ts';
export { findRunningRedis } from './find-running.ts';
export { type PrivateRedis } from './private-redis.ts';
export { withPrivateRedis } from './with-private-redis.ts';
