/** What a worker does, for Prometheus. A segment's name is never a label. */
import type { Consumer, JobEvent } from '@walq/archive-queue';
import { addRedisMetric, askedGauge } from '@walq/role';
import type { StageTimes } from '@walq/wal-core/internal';
import { Counter, Histogram, type Registry } from 'prom-client';

const outcomes = ['archived', 'already-archived', 'duplicate', 'quarantined'] as const;

/** Milliseconds for work on one segment, hours for what waited through an outage. */
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
      help: 'Segments that a worker is done with, by what became of them',
      labelNames: ['source', 'outcome'],
      registers,
    });
    this.#bytes = new Counter({
      name: 'walq_bytes_total',
      help: 'Bytes of archived segments: in, plain, as read at the source; out, as stored',
      labelNames: ['source', 'direction'],
      registers,
    });
    this.#failures = new Counter({
      name: 'walq_failures_total',
      help: 'Attempts at a segment that failed, by the code of the failure',
      labelNames: ['source', 'code'],
      registers,
    });
    this.#stages = new Histogram({
      name: 'walq_stage_duration_seconds',
      help: 'Seconds that a segment spent in a stage; wait is from its sealing until a worker took it',
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
    // A source that is kept is no source that is deleted in no time.
    if (deleteMs > 0) observe('delete', deleteMs);
  }

  /** What was never counted is 0, so that a first one is an increase. */
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

/** What the consumer says of itself when somebody asks. */
export function addConsumerMetrics(registry: Registry, consumer: Pick<Consumer, 'state'>): void {
  const add = (name: string, help: string, value: () => number | undefined): void =>
    askedGauge({ registry, name, help, values: () => [[{}, value()]] });
  const state = () => consumer.state();
  addRedisMetric(registry, () => state().redis === 'ok');
  add('walq_worker_threads', 'Threads of this worker', () => state().threads);
  add('walq_worker_threads_busy', 'Threads at work now', () => state().threadsBusy);
  add('walq_worker_active_segments', 'Segments in work now', () => state().active);
  add(
    'walq_worker_last_progress_timestamp_seconds',
    'When a segment last began, moved or ended here, in seconds since 1970; absent before the first',
    () => seconds(state().lastProgressAt),
  );
  add(
    'walq_worker_without_progress',
    '1 when work is there and for ten minutes nothing began, moved or ended, else 0',
    () => Number(state().isStuck),
  );
  askedGauge({
    registry,
    name: 'walq_store_available',
    help: '1 when the archive of the source can be used, else 0',
    labels: ['source'],
    values: () =>
      Object.entries(state().sources).map(
        ([source, { store }]) => [{ source }, Number(store !== 'open')] as const,
      ),
  });
}

const seconds = (at: number | null): number | undefined => (at === null ? undefined : at / 1_000);
