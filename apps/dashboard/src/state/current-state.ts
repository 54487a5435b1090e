/** The page's state as of now: from the latest looks at the disks, and from what Redis said last. */
import { sourceConditions, type ProducerRecord, type WorkerRecord } from '@walq/archive-queue';
import type { SourceWatch } from '@walq/role';
import { worstLevel } from '@walq/wal-core/internal';
import type { QueueObservation } from '../monitor/queue-watch.ts';
import { SourceTrack } from '../monitor/source-track.ts';
import { failuresOf } from './failures-of.ts';
import type { History, PageState, ProducerView, SourceView, WorkerView } from './page-state.ts';
import { seenOf, segmentBytesOf, sourceViewOf } from './source-view.ts';
import { judge, judgeSource } from './verdict.ts';

interface CurrentStateOptions {
  readonly sources: readonly string[];
  readonly watch: Pick<SourceWatch, 'snapshots'>;
  readonly queues: { readonly sight: QueueObservation };
  readonly version: string;
  readonly readOnly: boolean;
}

/** More would be no list to read. */
const FAILURES_MAX = 20;

export class CurrentState {
  readonly #options: CurrentStateOptions;
  readonly #tracks: ReadonlyMap<string, SourceTrack>;

  constructor(options: CurrentStateOptions) {
    this.#options = options;
    this.#tracks = new Map(options.sources.map((name) => [name, new SourceTrack()]));
  }

  /** Remembers what was just seen, for rates and charts. */
  note(): void {
    for (const [name, track] of this.#tracks) {
      const { figures } = this.#seen(name);
      if (figures !== null) track.note(figures, segmentBytesOf(figures, this.#jobsOf(name)));
    }
  }

  history(source: string): History | undefined {
    return this.#tracks.get(source)?.history();
  }

  get(): PageState {
    const { version, readOnly, queues } = this.#options;
    const { sight } = queues;
    const now = Date.now();
    const parts = [...this.#tracks].map(([name, track]) => this.#source(name, track, now));
    const sources: SourceView[] = parts.map(({ view, reasons }) => ({
      ...view,
      level: worstLevel(reasons),
    }));
    const failures = failuresOf(
      parts.map(({ view, seen }) => ({ ...view, figures: seen.figures })),
      sight,
    );
    return {
      at: now,
      version,
      readOnly,
      verdict: judge(
        sources,
        parts.flatMap(({ reasons }) => reasons),
      ),
      redis: sight.redis,
      sources,
      workers: sight.workers.map(workerViewOf),
      producers: sight.producers.map(producerViewOf),
      failures: failures.slice(0, FAILURES_MAX),
      moreFailures: Math.max(0, failures.length - FAILURES_MAX),
    };
  }

  #source(name: string, track: SourceTrack, now: number) {
    const queues = this.#options.queues.sight;
    const seen = this.#seen(name);
    const conditions = sourceConditions({
      source: name,
      figures: seen.figures,
      failure: seen.problem,
      failingSince: seen.problemSince,
      queue: queues,
    });
    const view = sourceViewOf({ name, seen, track, queues, conditions });
    return { view, seen, reasons: judgeSource(view, now) };
  }

  #seen(name: string) {
    const { watch, queues } = this.#options;
    return seenOf(name, watch.snapshots().get(name), queues.sight.producers);
  }

  #jobsOf(name: string) {
    return this.#options.queues.sight.jobs[name] ?? [];
  }
}

const workerViewOf = (worker: WorkerRecord): WorkerView => {
  const { id, host, version, startedAt, concurrency, threads, threadsBusy } = worker;
  const { lastProgressAt, isStuck, inWork, states } = worker;
  const holds = Object.entries(states).flatMap(([source, { isTaking, holds: why, stopped }]) =>
    isTaking ? [] : [{ source, why: stopped?.message ?? (why.join(', ') || 'starting') }],
  );
  const threadsOf = { concurrency, threads, threadsBusy };
  return { id, host, version, startedAt, ...threadsOf, lastProgressAt, isStuck, inWork, holds };
};

const producerViewOf = (producer: ProducerRecord): ProducerView => {
  const { id, host, version, startedAt, sources } = producer;
  return { id, host, version, startedAt, sources: Object.keys(sources) };
};
