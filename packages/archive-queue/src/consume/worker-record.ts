import type { WorkerRecord } from '../observe/index.ts';
import type { ConsumerState } from './consumer.ts';

/** More than this would be no list to read. */
const IN_WORK_MAX = 64;

export interface WorkerIdentity {
  readonly id: string;
  readonly host: string;
  readonly version: string;
  readonly startedAt: number;
}

/** What a worker says of itself to those who look. */
export function workerRecordOf(
  identity: WorkerIdentity,
  state: ConsumerState,
  failures: WorkerRecord['failures'],
): WorkerRecord {
  const { threads, threadsBusy, active, inWork, lastProgressAt, isStuck } = state;
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
    states: Object.fromEntries(
      Object.entries(state.sources).map(
        ([source, { isTaking, holds, stopped, stoppedSince, store, outage }]) => [
          source,
          {
            isTaking,
            holds: [...holds],
            stopped: stopped ?? null,
            stoppedSince: stoppedSince ?? null,
            isStoreAvailable: store !== 'open',
            archiveFailure: outage ?? null,
          },
        ],
      ),
    ),
    failures,
  };
}
