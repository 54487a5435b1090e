import { sourceConditions } from '@walq/archive-queue';
import {
  addRedisMetric,
  addSourceMetrics,
  addComputedGauge,
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
      queue: queues.latest,
    }),
  );
  addRedisMetric(registry, () => queues.latest.redis === 'ok');
  const ofQueues = () => Object.entries(queues.latest.queues);
  addComputedGauge({
    registry,
    name: 'walq_queue_segments',
    help: 'Segments in the jobs of a source by state; see walq_backlog_segments for the backlog',
    labels: ['source', 'state'],
    values: () =>
      ofQueues().flatMap(([source, counts]) =>
        (['waiting', 'active', 'delayed', 'failed'] as const).map(
          (state) => [{ source, state }, counts[state]] as const,
        ),
      ),
  });
  addComputedGauge({
    registry,
    name: 'walq_source_paused',
    help: '1 while the source is paused, else 0',
    labels: ['source'],
    values: () =>
      ofQueues().map(([source, one]) => [{ source }, Number(one.pause !== null)] as const),
  });
  addComputedGauge({
    registry,
    name: 'walq_workers',
    help: 'Workers whose heartbeat is at most 30 seconds old; absent while Redis is unreachable',
    values: () => [[{}, queues.latest.redis === 'ok' ? queues.latest.workers.length : undefined]],
  });
  return registry;
}
