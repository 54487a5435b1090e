import { sourceConditions } from '@walq/archive-queue';
import {
  addRedisMetric,
  addSourceMetrics,
  askedGauge,
  createMetricsRegistry,
  type SourceWatch,
} from '@walq/role';
import type { QueueWatch } from './monitor/queue-watch.ts';

export function dashboardMetrics(
  version: string,
  watch: SourceWatch,
  queues: QueueWatch,
): ReturnType<typeof createMetricsRegistry> {
  const registry = createMetricsRegistry({ role: 'dashboard', version });
  addSourceMetrics(registry, watch, ({ source, snapshot, failure, failingSince }) =>
    sourceConditions({
      source,
      figures: snapshot?.figures ?? null,
      failure,
      failingSince,
      queue: queues.sight,
    }),
  );
  addRedisMetric(registry, () => queues.sight.redis === 'ok');
  const ofQueues = () => Object.entries(queues.sight.queues);
  askedGauge({
    registry,
    name: 'walq_queue_jobs',
    help: 'Jobs on the queue of a source, by state; the backlog is on the disk, not here',
    labels: ['source', 'state'],
    values: () =>
      ofQueues().flatMap(([source, counts]) =>
        (['waiting', 'active', 'delayed', 'failed'] as const).map(
          (state) => [{ source, state }, counts[state]] as const,
        ),
      ),
  });
  askedGauge({
    registry,
    name: 'walq_source_paused',
    help: '1 while an operator has paused the source, else 0',
    labels: ['source'],
    values: () =>
      ofQueues().map(([source, one]) => [{ source }, Number(one.pause !== null)] as const),
  });
  askedGauge({
    registry,
    name: 'walq_workers',
    help: 'Workers heard of within 30 seconds; absent while Redis is away',
    values: () => [[{}, queues.sight.redis === 'ok' ? queues.sight.workers.length : undefined]],
  });
  return registry;
}
