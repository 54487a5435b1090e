/** The metrics of a worker. A segment's name is never a label. */
import type { Consumer, JobEvent } from '@walq/archive-queue';
import { addRedisMetric, addComputedGauge, Counter, Histogram } from '@walq/role';
import type { StageTimes } from '@walq/wal-core/internal';
import type { Registry } from 'prom-client';

const outcomes = ['archived', 'already-archived', 'duplicate', 'quarantined'] as const;

/** From milliseconds, for work on one segment, to hours, for waiting through an outage. */
const STAGE_BUCKETS_S = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200,
  28_800, 86_400,
];

export class WorkerMetrics {
  readonly #archived: Counter<'source' | 'outcome'>;
  readonly #bytes: Counter<'source' | 'direction'>;
  readonly #failures: Counter<'source' | 'code'>;
  readonly #stages: Histogram<'stage'>;

  constructor(registry: Registry, sources: readonly string[]) {
    const registers = [registry];
    this.#archived = new Counter({
      name: 'walq_segments_archived_total',
      help: 'Segments that a worker has finished, by outcome',
      labelNames: ['source', 'outcome'],
      registers,
    });
    this.#bytes = new Counter({
      name: 'walq_bytes_total',
      help: 'Bytes of archived segments: in as read from the source, out as stored',
      labelNames: ['source', 'direction'],
      registers,
    });
    this.#failures = new Counter({
      name: 'walq_failures_total',
      help: 'Failed attempts to archive a segment, by failure code',
      labelNames: ['source', 'code'],
      registers,
    });
    this.#stages = new Histogram({
      name: 'walq_stage_duration_seconds',
      help: 'Seconds that a segment spent in a stage; wait is from sealing until a worker took it',
      labelNames: ['stage'],
      buckets: STAGE_BUCKETS_S,
      registers,
    });
    this.#begin(sources);
  }

  note(event: JobEvent): void {
    const { source } = event;
    if (event.kind === 'archived') this.#noteArchived(event);
    if (event.kind === 'quarantined') {
      const outcome = event.failure.code === 'duplicate' ? 'duplicate' : 'quarantined';
      this.#archived.inc({ source, outcome });
    }
    if (event.kind === 'retried' || event.kind === 'missing' || event.kind === 'quarantined') {
      this.#failures.inc({ source, code: event.failure.code });
    }
  }

  #noteArchived({ source, report, waitMs }: JobEvent & { kind: 'archived' }): void {
    const { outcome, bytesIn, bytesOut, stages } = report;
    this.#archived.inc({ source, outcome });
    this.#stages.observe({ stage: 'wait' }, waitMs / 1_000);
    if (outcome === 'archived') {
      this.#bytes.inc({ source, direction: 'in' }, bytesIn);
      this.#bytes.inc({ source, direction: 'out' }, bytesOut);
    }
    if (stages !== undefined) this.#noteStages(stages);
  }

  #noteStages({ readMs, compressMs, storeMs, confirmMs, deleteMs }: StageTimes): void {
    const observe = (stage: string, ms: number) => this.#stages.observe({ stage }, ms / 1_000);
    observe('read', readMs);
    observe('compress', compressMs);
    observe('store', storeMs);
    observe('confirm', confirmMs);
    // A kept source has no delete stage; a 0 would distort the histogram.
    if (deleteMs > 0) observe('delete', deleteMs);
  }

  /** Starts every counter at 0, so that Prometheus sees the first event as an increase. */
  #begin(sources: readonly string[]): void {
    for (const source of sources) {
      for (const outcome of outcomes) this.#archived.inc({ source, outcome }, 0);
      for (const direction of ['in', 'out']) this.#bytes.inc({ source, direction }, 0);
    }
    for (const stage of ['wait', 'read', 'compress', 'store', 'confirm', 'delete']) {
      this.#stages.zero({ stage });
    }
  }
}

/** Adds the gauges that are computed from the state of the consumer. */
export function addConsumerMetrics(registry: Registry, consumer: Pick<Consumer, 'state'>): void {
  const add = (name: string, help: string, value: () => number | undefined): void =>
    addComputedGauge({ registry, name, help, values: () => [[{}, value()]] });
  const state = () => consumer.state();
  addRedisMetric(registry, () => state().redis === 'ok');
  add('walq_worker_threads', 'Archiving threads of this worker', () => state().threads);
  add('walq_worker_threads_busy', 'Archiving threads that are busy now', () => state().threadsBusy);
  add('walq_worker_active_segments', 'Segments in progress now', () => state().active);
  add(
    'walq_worker_last_progress_timestamp_seconds',
    'When a segment last started, progressed or finished, in seconds since 1970; absent before the first',
    () => seconds(state().lastProgressAt),
  );
  add(
    'walq_worker_without_progress',
    '1 if there is work and no segment has started, progressed or finished for ten minutes, else 0',
    () => Number(state().isStuck),
  );
  addComputedGauge({
    registry,
    name: 'walq_store_available',
    help: '1 if the archive of the source can be used, else 0',
    labels: ['source'],
    values: () =>
      Object.entries(state().sources).map(
        ([source, { store }]) => [{ source }, Number(store !== 'open')] as const,
      ),
  });
}

const seconds = (at: number | null): number | undefined => (at === null ? undefined : at / 1_000);
