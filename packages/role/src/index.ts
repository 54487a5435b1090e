export { createBoundedServer, isLoopback, isOwnHost, keepOpen, networkOf } from './http/index.ts';
export { listeningPort } from './listening-port.ts';
export { createLogger, isForPeople } from './logger.ts';
export {
  redisReasons,
  serveRole,
  type Health,
  type RoleListener,
  type RoleListenerOptions,
} from './listener/index.ts';
export {
  addRedisMetric,
  addSourceMetrics,
  askedGauge,
  createMetricsRegistry,
  type RoleIdentity,
} from './metrics/index.ts';
export { runRole, type RoleFrame, type RoleOptions, type RoleWork } from './run-role.ts';
export type { Tracing } from './tracing/index.ts';
export { watchSources, type SourceWatch, type SourceWatchOptions } from './watch/index.ts';
