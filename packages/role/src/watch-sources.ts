/**
 * Looks at every source again and again, so that those who ask get an answer at once. A source whose disk
 * hangs is said to hang and is not looked at again until the disk answers; it holds up nobody else, nor the end of
 * the process.
 */
import {
  backoffMs,
  createInspector,
  repeat,
  startSnapshot,
  type ArchiveStore,
  type Inspector,
  type Repetition,
  type Source,
  type SourceObservation,
  type TrackedDisk,
} from '@walq/wal-core/internal';

export interface SourceWatch {
  /** The latest of each source; one that was never looked at yet is not among them. */
  snapshots(): ReadonlyMap<string, SourceObservation>;
  /** For scans of one's own, such as at a part of the archive. */
  inspectorOf(source: string): Inspector | undefined;
  /** Looks without waiting for the interval. */
  scanSoon(source: string): void;
  /** Ends at once; a look that hangs is left behind, it changes nothing. */
  stop(): void;
}

export interface SourceWatchOptions {
  readonly sources: readonly Source[];
  /** Stores that were opened with `disk`. */
  readonly storeOf: (source: Source) => ArchiveStore;
  readonly disk: TrackedDisk;
  /** Between two scans at a source, in milliseconds; longer where looking takes long. */
  readonly intervalMs: number;
  readonly onSnapshot?: (snapshot: SourceObservation) => void;
}

/** Looking takes at most this part of the time. */
const SCAN_TIME_SHARE_MAX = 1 / 20;
const FIRST_RETRY_MS = 500;

export function watchSources(options: SourceWatchOptions): SourceWatch {
  const seen = new Map<string, SourceObservation>();
  let isStopped = false;
  const note = (snapshot: SourceObservation): void => {
    if (isStopped) return;
    seen.set(snapshot.source, snapshot);
    options.onSnapshot?.(snapshot);
  };
  const watched = new Map(
    options.sources.map((source) => [source.name, watchSource(options, source, note)]),
  );
  return {
    snapshots: () => seen,
    inspectorOf: (source) => watched.get(source)?.inspector,
    scanSoon: (source) => watched.get(source)?.scans.hurry(),
    stop: () => {
      isStopped = true;
      for (const { scans } of watched.values()) scans.stop();
    },
  };
}

function watchSource(
  { storeOf, disk, intervalMs }: SourceWatchOptions,
  source: Source,
  note: (snapshot: SourceObservation) => void,
): { readonly inspector: Inspector; readonly scans: Repetition } {
  const store = storeOf(source);
  const inspector = createInspector({ disk, source, store });
  const place = { disk, source, archive: store.url };
  let failures = 0;
  let snapshot: SourceObservation | undefined;
  const scan = async (): Promise<number> => {
    const beganMs = performance.now();
    const { first, result } = startSnapshot(place, inspector, snapshot);
    const early = await first;
    note(early);
    snapshot = await result;
    if (snapshot !== early) note(snapshot);
    failures = snapshot.failure === null ? 0 : failures + 1;
    const tookMs = performance.now() - beganMs;
    return Math.max(nextAfterMs(intervalMs, failures), tookMs / SCAN_TIME_SHARE_MAX);
  };
  return { inspector, scans: repeat(scan) };
}

/** A source that failed may only be new: it is looked at again soon, and then ever later. */
const nextAfterMs = (intervalMs: number, failures: number): number =>
  failures === 0
    ? intervalMs
    : backoffMs(failures, { firstMs: FIRST_RETRY_MS, longestMs: intervalMs });
