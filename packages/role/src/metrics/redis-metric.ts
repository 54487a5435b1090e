import type { Registry } from 'prom-client';
import { askedGauge } from './asked-gauge.ts';

export function addRedisMetric(registry: Registry, isAvailable: () => boolean): void {
  askedGauge({
    registry,
    name: 'walq_redis_available',
    help: '1 when this role can write to Redis, else 0',
    values: () => [[{}, isAvailable() ? 1 : 0]],
  });
}
