/**
 * Scans every source periodically, so that a snapshot is always available without waiting. A source whose disk hangs is
 * reported as hanging and is not scanned again until the disk responds. It delays neither other sources nor the end of
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
  /** The latest snapshot of each source; a source that was not scanned yet is missing. */
  snapshots(): ReadonlyMap<string, SourceObservation>;
  /** For reading more of a source, such as a part of its archive. */
  inspectorOf(source: string): Inspector | undefined;
  /** Scans a source now instead of at the next interval. */
  scanSoon(source: string): void;
  /** Stops immediately. A scan that hangs is not waited for; it changes nothing. */
  stop(): void;
}

export interface SourceWatchOptions {
  readonly sources: readonly Source[];
  /** Stores that were opened with `disk`. */
  readonly storeOf: (source: Source) => ArchiveStore;
  readonly disk: TrackedDisk;
  /** Between two scans of a source, in milliseconds; longer if a scan takes long. */
  readonly intervalMs: number;
  readonly onSnapshot?: (snapshot: SourceObservation) => void;
}

/** Scanning takes at most this share of the time. */
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

/** A source that fails may only be new: it is scanned again soon, and then at growing intervals. */
const nextAfterMs = (intervalMs: number, failures: number): number =>
  failures === 0
    ? intervalMs
    : backoffMs(failures, { firstMs: FIRST_RETRY_MS, longestMs: intervalMs });
