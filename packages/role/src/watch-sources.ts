/**
 * Looks at every source again and again, so that those who ask get an answer at once. A source whose disk
 * hangs is said to hang and is not looked at again until the disk answers; it holds up nobody else, nor the end of
 * the process.
 */
import {
  createInspector,
  startLook,
  type ArchiveStore,
  type Inspector,
  type RunningLook,
  type Source,
  type SourceSnapshot,
  type TrackedDisk,
} from '@walq/wal-core/internal';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export interface SourceWatch {
  /** The latest of each source; one that was never looked at yet is not among them. */
  snapshots(): ReadonlyMap<string, SourceSnapshot>;
  /** For looks of one's own, such as at a part of the archive. */
  inspectorOf(source: string): Inspector | undefined;
  /** Looks without waiting for the interval. */
  lookSoon(source: string): void;
  /** Ends at once; a look that hangs is left behind, it changes nothing. */
  stop(): Promise<void>;
}

export interface SourceWatchOptions {
  readonly sources: readonly Source[];
  /** Stores that were opened with `disk`. */
  readonly storeOf: (source: Source) => ArchiveStore;
  readonly disk: TrackedDisk;
  /** Between two looks at a source, in milliseconds; longer where looking takes long. */
  readonly intervalMs: number;
  readonly onSnapshot?: (snapshot: SourceSnapshot) => void;
}

/** Looking takes at most this part of the time. */
const LOOKING_PART_MAX = 1 / 20;
const FIRST_AGAIN_MS = 250;

export function watchSources(options: SourceWatchOptions): SourceWatch {
  const { sources, storeOf, disk } = options;
  const stopping = new AbortController();
  const seen = new Map<string, SourceSnapshot>();
  const watched = new Map(
    sources.map((source) => {
      const store = storeOf(source);
      const inspector = createInspector({ disk, source, store });
      const place = { disk, source, archive: store.url };
      return [
        source.name,
        {
          inspector,
          look: (before?: SourceSnapshot) => startLook(place, inspector, before),
          wake: new EventTarget(),
        },
      ];
    }),
  );
  const note = (snapshot: SourceSnapshot): void => {
    if (stopping.signal.aborted) return;
    seen.set(snapshot.source, snapshot);
    options.onSnapshot?.(snapshot);
  };
  const rounds = [...watched.values()].map(({ look, wake }) =>
    watch({ look, wake, note, intervalMs: options.intervalMs, signal: stopping.signal }),
  );
  const ended = Promise.race([once(stopping.signal, 'abort'), Promise.all(rounds)]);
  return {
    snapshots: () => seen,
    inspectorOf: (source) => watched.get(source)?.inspector,
    lookSoon: (source) => {
      watched.get(source)?.wake.dispatchEvent(new Event('wake'));
    },
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

interface Watched {
  readonly look: (before?: SourceSnapshot) => RunningLook;
  readonly wake: EventTarget;
  readonly note: (snapshot: SourceSnapshot) => void;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
}

async function watch({ look, wake, note, intervalMs, signal }: Watched): Promise<void> {
  let failures = 0;
  let snapshot: SourceSnapshot | undefined;
  while (!signal.aborted) {
    const beganMs = performance.now();
    const woken = new AbortController();
    const onWake = (): void => woken.abort();
    wake.addEventListener('wake', onWake);
    const { first, result } = look(snapshot);
    const early = await first;
    note(early);
    snapshot = await result;
    if (snapshot !== early) note(snapshot);
    failures = snapshot.failure === null ? 0 : failures + 1;
    const tookMs = performance.now() - beganMs;
    const pauseMs = Math.max(againAfterMs(intervalMs, failures), tookMs / LOOKING_PART_MAX);
    const until = AbortSignal.any([signal, woken.signal]);
    await sleep(pauseMs, undefined, { signal: until, ref: false }).catch(() => undefined);
    wake.removeEventListener('wake', onWake);
  }
}

/** A source that failed may only be new: it is looked at again soon, and then ever later. */
const againAfterMs = (intervalMs: number, failures: number): number =>
  failures === 0 ? intervalMs : Math.min(intervalMs, FIRST_AGAIN_MS * 2 ** Math.min(failures, 20));
