import type { ProducerRecord, WorkerRecord } from '@walq/archive-queue';
import type { ProducerView, WorkerView } from './page-state.ts';

export const workerViewOf = (worker: WorkerRecord): WorkerView => {
  const { id, host, version, startedAt, concurrency, threads, threadsBusy } = worker;
  const { lastProgressAt, isStuck, inWork, states } = worker;
  const holds = Object.entries(states).flatMap(([source, { isTaking, holds: why, stopped }]) =>
    isTaking ? [] : [{ source, why: stopped?.message ?? (why.join(', ') || 'starting') }],
  );
  const threadsOf = { concurrency, threads, threadsBusy };
  return { id, host, version, startedAt, ...threadsOf, lastProgressAt, isStuck, inWork, holds };
};

export const producerViewOf = (producer: ProducerRecord): ProducerView => {
  const { id, host, version, startedAt, sources } = producer;
  return { id, host, version, startedAt, sources: Object.keys(sources) };
};
