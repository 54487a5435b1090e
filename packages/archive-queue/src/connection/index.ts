export { checkRedis, probeWrite, type RedisReport } from './check-redis.ts';
export { ErrorGate } from './error-gate.ts';
export {
  isConnectionError,
  isOutOfMemory,
  isRedisFailure,
  isUnsuitable,
} from './is-connection-error.ts';
export { OutageGate } from './outage-gate.ts';
export { RedisLink, type RedisState } from './redis-link.ts';
export { workerOptions } from './redis-options.ts';
export {
  showPlace,
  type RedisAddress,
  type RedisPlace,
  type RedisServers,
  type RedisSettings,
} from './redis-settings.ts';
