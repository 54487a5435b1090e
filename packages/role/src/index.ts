export type { Health } from './answer-request.ts';
export { createBoundedServer, keepOpen, listeningPort } from './bounded-server.ts';
export { networkOf } from './connections.ts';
export { createLogger, isForPeople } from './logger.ts';
export { Counter, Histogram } from './prom-client.ts';
export { addRedisMetric, addComputedGauge, createMetricsRegistry } from './metrics.ts';
export { isLoopback, isOwnHost } from './own-host.ts';
export { aborted, runRole, type RoleFrame, type RoleOptions, type RoleWork } from './run-role.ts';
export {
  redisReasons,
  serveRole,
  type RoleListener,
  type RoleListenerOptions,
} from './serve-role.ts';
export { addSourceMetrics } from './source-metrics.ts';
export type { Tracing } from './tracing.ts';
export { watchSources, type SourceWatch } from './watch-sources.ts';
