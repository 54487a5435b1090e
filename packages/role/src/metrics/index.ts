export { askedGauge } from './asked-gauge.ts';
export { addRedisMetric } from './redis-metric.ts';
export { createMetricsRegistry, type RoleIdentity } from './metrics-registry.ts';
export { addSourceMetrics } from './source-metrics.ts';
