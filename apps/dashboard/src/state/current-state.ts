/** Builds the page's state from the latest scans of the disks and the latest poll of Redis. */
import { sourceConditions, type ProducerRecord, type WorkerRecord } from '@walq/archive-queue';
import type { SourceWatch } from '@walq/role';
import { worstLevel } from '@walq/wal-core/internal';
import type { QueueObservation } from '../monitor/queue-watch.ts';
import { SourceTrack } from '../monitor/source-track.ts';
import { failuresOf } from './failures-of.ts';
import type { History, PageState, ProducerView, SourceView, WorkerView } from './page-state.ts';
import { chooseFigures, segmentBytesOf, sourceViewOf } from './source-view.ts';
import { headlineOf, reasonsOf } from './headline.ts';

interface CurrentStateOptions {
  readonly sources: readonly string[];
  readonly watch: Pick<SourceWatch, 'snapshots'>;
  readonly queues: { readonly latest: QueueObservation };
  readonly version: string;
  readonly readOnly: boolean;
}

const FAILURES_MAX = 20;

export class CurrentState {
  readonly #options: CurrentStateOptions;
  readonly #tracks: ReadonlyMap<string, SourceTrack>;

  constructor(options: CurrentStateOptions) {
    this.#options = options;
    this.#tracks = new Map(options.sources.map((name) => [name, new SourceTrack()]));
  }

  /** Records the latest figures of each source, for rates and charts. */
  record(): void {
    for (const [name, track] of this.#tracks) {
      const { figures } = this.#chosen(name);
      if (figures !== null) track.record(figures, segmentBytesOf(figures, this.#batchesOf(name)));
    }
  }

  history(source: string): History | undefined {
    return this.#tracks.get(source)?.history();
  }

  get(): PageState {
    const { version, readOnly, queues } = this.#options;
    const { latest } = queues;
    const now = Date.now();
    const parts = [...this.#tracks].map(([name, track]) => this.#source(name, track, now));
    const sources: SourceView[] = parts.map(({ view, reasons }) => ({
      ...view,
      level: worstLevel(reasons),
    }));
    const failures = failuresOf(
      parts.map(({ view, figures }) => ({ ...view, figures })),
      latest,
    );
    return {
      at: now,
      version,
      readOnly,
      headline: headlineOf(
        sources,
        parts.flatMap(({ reasons }) => reasons),
      ),
      redis: latest.redis,
      sources,
      workers: latest.workers.map(workerViewOf),
      producers: latest.producers.map(producerViewOf),
      failures: failures.slice(0, FAILURES_MAX),
      moreFailures: Math.max(0, failures.length - FAILURES_MAX),
    };
  }

  #source(name: string, track: SourceTrack, now: number) {
    const queues = this.#options.queues.latest;
    const chosen = this.#chosen(name);
    const { figures } = chosen;
    const conditions = sourceConditions({
      source: name,
      figures,
      failure: chosen.problem,
      failingSince: chosen.problemSince,
      queue: queues,
    });
    const view = sourceViewOf({ name, chosen, track, queues, conditions });
    return { view, figures, reasons: reasonsOf(view, now) };
  }

  #chosen(name: string) {
    const { watch, queues } = this.#options;
    return chooseFigures(name, watch.snapshots().get(name), queues.latest.producers);
  }

  #batchesOf(name: string) {
    return this.#options.queues.latest.batches[name] ?? [];
  }
}

const workerViewOf = (worker: WorkerRecord): WorkerView => {
  const { id, host, version, startedAt, concurrency, threads, threadsBusy } = worker;
  const { lastProgressAt, isStuck, inWork, states } = worker;
  const notTaking = Object.entries(states).flatMap(([source, { isTaking, holds: why, stopped }]) =>
    isTaking ? [] : [{ source, why: stopped?.message ?? (why.join(', ') || 'starting') }],
  );
  const threadsOf = { concurrency, threads, threadsBusy };
  return { id, host, version, startedAt, ...threadsOf, lastProgressAt, isStuck, inWork, notTaking };
};

const producerViewOf = (producer: ProducerRecord): ProducerView => {
  const { id, host, version, startedAt, sources } = producer;
  return { id, host, version, startedAt, sources: Object.keys(sources) };
};
