/** What a consumer says of itself: to its process, and in its record to those who look at the workers. */
import type { SegmentInWork } from '@walq/wal-core/internal';
import type { RedisState } from '../connection/redis-link.ts';
import type { WorkerRecord } from '../observe/role-records.ts';
import type { SourceWorkerState } from './source-worker.ts';
import type { ArchiveOutage, BreakerState } from './store-breaker.ts';

export interface ConsumerState {
  /** Whether this worker could write to Redis when it last did. */
  readonly redis: RedisState;
  /** Why `redis` is not `ok`. */
  readonly redisProblem: string | undefined;
  /** What does not come to an end here, though nothing outside explains it; undefined while all is well. */
  readonly hangs: string | undefined;
  /** Jobs in work. */
  readonly active: number;
  /** Segments on their way, the oldest first. */
  readonly inWork: readonly SegmentInWork[];
  readonly threads: number;
  readonly threadsBusy: number;
  /** When a segment last began, moved or ended, in milliseconds since 1970; null before the first. */
  readonly lastProgressAt: number | null;
  /** Work is there, and for `noProgressMs` nothing began, moved or ended. */
  readonly isStuck: boolean;
  readonly sources: Readonly<Record<string, ConsumedState>>;
}

export interface ConsumedState extends SourceWorkerState {
  readonly store: BreakerState;
  /** Why the archive fails. */
  readonly outage: ArchiveOutage | undefined;
}

/** More than this would be no list to read. */
const IN_WORK_MAX = 64;

export type WorkerIdentity = Pick<WorkerRecord, 'id' | 'host' | 'version' | 'startedAt'>;

export function workerRecordOf(
  identity: WorkerIdentity,
  state: ConsumerState,
  failures: WorkerRecord['failures'],
): WorkerRecord {
  const { threads, threadsBusy, active, inWork, lastProgressAt, isStuck } = state;
  const states = Object.entries(state.sources).map(([name, of]) => [name, recordedState(of)]);
  return {
    ...identity,
    concurrency: threads,
    active,
    sources: Object.keys(state.sources),
    threads,
    threadsBusy,
    lastProgressAt,
    isStuck,
    inWork: inWork.slice(0, IN_WORK_MAX),
    states: Object.fromEntries(states) as WorkerRecord['states'],
    failures,
  };
}

const recordedState = (state: ConsumedState): WorkerRecord['states'][string] => ({
  isTaking: state.isTaking,
  holds: [...state.pauseReasons],
  stopped: state.stopped ?? null,
  stoppedSince: state.stoppedSince ?? null,
  isStoreAvailable: state.store !== 'open',
  archiveFailure: state.outage ?? null,
});
