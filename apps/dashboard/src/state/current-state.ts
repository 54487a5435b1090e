/** The page's state as of now: from the latest looks at the disks, and from what Redis said last. */
import type { SourceWatch } from '@walq/role';
import { judgeSource, levelOf } from '../verdict/judge-source.ts';
import { judge } from '../verdict/verdict.ts';
import type { QueueSight } from '../lookout/queue-watch.ts';
import { SourceTrack } from '../lookout/source-track.ts';
import { failuresOf } from './failures-of.ts';
import type { History, PageState, SourceView } from './page-state.ts';
import { seenOf, segmentBytesOf, sourceViewOf } from './source-view.ts';
import { producerViewOf, workerViewOf } from './worker-views.ts';

export interface CurrentStateOptions {
  readonly sources: readonly string[];
  readonly watch: Pick<SourceWatch, 'sightings'>;
  readonly queues: { readonly sight: QueueSight };
  readonly version: string;
  readonly readOnly: boolean;
}

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
    const parts = [...this.#tracks].map(([name, track]) => this.#source(name, track));
    const sources: SourceView[] = parts.map(({ view, reasons }) => ({
      ...view,
      level: levelOf(reasons),
    }));
    const bySource = parts.flatMap(({ reasons }) => reasons);
    return {
      at: Date.now(),
      version,
      readOnly,
      verdict: judge(sources, sight, bySource),
      redis: sight.redis,
      sources,
      workers: sight.workers.map(workerViewOf),
      producers: sight.producers.map(producerViewOf),
      failures: failuresOf(sources, sight),
    };
  }

  #source(name: string, track: SourceTrack) {
    const queues = this.#options.queues.sight;
    const view = sourceViewOf({ name, seen: this.#seen(name), track, queues });
    return { view, reasons: judgeSource(view, Date.now()) };
  }

  #seen(name: string) {
    const { watch, queues } = this.#options;
    return seenOf(name, watch.sightings().get(name), queues.sight.producers);
  }

  #jobsOf(name: string) {
    return this.#options.queues.sight.jobs[name] ?? [];
  }
}
