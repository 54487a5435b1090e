/** What tests start and clean up: the door of the test support. */
export { eventually, type EventuallyOptions } from './eventually.ts';
export { freePort } from './free-port.ts';
export { startProcess, type Ended, type ProcessOptions } from './start-process.ts';
export { RunningProcess } from './running-process.ts';
export { startRedis, type RedisOptions } from './start-redis.ts';
export { RunningRedis } from './running-redis.ts';
export { redisBinary } from './redis-binary.ts';
export { temporaryDirectory, type TemporaryDirectory } from './temporary-directory.ts';
export * from './checker/index.ts';
