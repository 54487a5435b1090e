/** The state of a consumer: for its own process, and as the worker record in Redis. */
import type { SegmentInWork } from '@walq/wal-core/internal';
import type { RedisState } from '../connection/redis-link.ts';
import type { WorkerRecord } from '../observe/role-records.ts';
import type { SourceWorkerState } from './source-worker.ts';
import type { ArchiveOutage, BreakerState } from './store-breaker.ts';

export interface ConsumerState {
  /** Result of this worker's latest write to Redis. */
  readonly redis: RedisState;
  /** Why `redis` is not `ok`. */
  readonly redisProblem: string | undefined;
  /** Which work hangs in this process for no external reason; undefined if none does. */
  readonly hangs: string | undefined;
  /** Segments of the jobs in progress. */
  readonly active: number;
  /** Segments in progress, oldest first. */
  readonly inWork: readonly SegmentInWork[];
  readonly threads: number;
  readonly threadsBusy: number;
  /** When a segment last started, progressed or finished, in milliseconds since 1970; null before the first. */
  readonly lastProgressAt: number | null;
  /** There is work, and no segment has started, progressed or finished for `noProgressMs`. */
  readonly isStuck: boolean;
  readonly sources: Readonly<Record<string, ConsumedState>>;
}

export interface ConsumedState extends SourceWorkerState {
  readonly store: BreakerState;
  /** Why the archive is failing. */
  readonly outage: ArchiveOutage | undefined;
}

/** Keeps the record readable and small. */
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
