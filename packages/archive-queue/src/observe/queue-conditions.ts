/** What prevents a source from being archived, according to Redis and the roles; worst first. */
import {
  newCondition,
  showCount,
  showSpan,
  worstFirst,
  type Condition,
  type SourceFigures,
} from '@walq/wal-core/internal';
import type { Pause } from '../queue/pause.ts';
import type { QueueSnapshot } from './observer.ts';
import type { WorkerRecord } from './role-records.ts';

export interface Queued {
  readonly source: string;
  /** The latest figures of the source; null if no process can read it. */
  readonly figures: Pick<SourceFigures, 'dueSegments' | 'oldestDueAgeMs' | 'type'> | null;
  readonly queue: QueueSnapshot;
}

/** A producer enqueues due segments within one round of its reconciliation, which takes less than this. */
const NOT_QUEUED_MS = 60_000;

export function queueConditions(queued: Queued): Condition[] {
  const { queue } = queued;
  if (queue.redis === 'none') return [];
  if (queue.redis !== 'ok') return [redisUnavailable(queued)];
  return [...waiting(queued), ...stuck(queued), ...stopped(queued), ...failing(queued)].toSorted(
    worstFirst,
  );
}

/** Without workers, PostgreSQL's archive_command archives by itself. */
const needsWorkers = ({ figures }: Queued): boolean => figures?.type !== 'postgres';

function redisUnavailable(queued: Queued): Condition {
  const { failure } = queued.queue;
  return newCondition({
    kind: 'redis-unavailable',
    level: 'warning',
    message: needsWorkers(queued)
      ? `Redis is unavailable, so no new segments are archived; no data is lost: ${failure?.message ?? ''}`
      : `Redis is unavailable, so PostgreSQL's archive_command archives without workers: ${failure?.message ?? ''}`,
    hint: failure?.hint ?? 'Check redis.url and that the server is running.',
    code: failure?.code ?? null,
    cause: 'redis',
    isHolding: needsWorkers(queued),
  });
}

function waiting(queued: Queued): Condition[] {
  const { source, figures, queue } = queued;
  const segments = figures?.dueSegments ?? 0;
  if (segments === 0) return [];
  const wait = `${showCount(segments, 'segment')} ${segments === 1 ? 'waits' : 'wait'}`;
  const own = queue.queues[source];
  const isHolding = needsWorkers(queued);
  if (own !== undefined && own.pause !== null) return [pausedBy(queued, own.pause, wait)];
  if (!isHolding) return [];
  if (workersOf(queued).length === 0) {
    const message = `No worker is running for this source; ${wait}`;
    const hint = 'Start a worker: walq worker.';
    return [
      newCondition({
        kind: 'no-worker',
        level: 'critical',
        message,
        hint,
        segments,
        cause: 'no-worker',
      }),
    ];
  }
  return isQueued(queued) ? [] : noProducer(queued, wait);
}

function pausedBy(queued: Queued, { by, at }: Pause, wait: string): Condition {
  const { source, figures } = queued;
  return newCondition({
    kind: 'paused',
    level: 'warning',
    message: `The source is paused${by === null ? '' : ` by ${by}`}; ${wait}`,
    hint: `Resume the source: walq resume ${source}.`,
    since: at,
    segments: figures?.dueSegments ?? null,
    cause: `paused ${source}`,
    isHolding: needsWorkers(queued),
  });
}

/** Whether the queue has jobs for what is due, or is about to get them. */
function isQueued({ source, figures, queue }: Queued): boolean {
  const own = queue.queues[source];
  if (own === undefined || own.waiting + own.active + own.delayed > 0) return true;
  return (figures?.oldestDueAgeMs ?? 0) < NOT_QUEUED_MS;
}

function noProducer({ source, figures, queue }: Queued, wait: string): Condition[] {
  if (queue.producers.some(({ sources }) => Object.hasOwn(sources, source))) return [];
  return [
    newCondition({
      kind: 'no-producer',
      level: 'critical',
      message: `No producer is running for this source; ${wait}`,
      hint: 'Start a producer on the host of the source: walq producer.',
      segments: figures?.dueSegments ?? null,
      cause: 'no-producer',
    }),
  ];
}

const workersOf = ({ source, queue }: Queued): readonly WorkerRecord[] =>
  queue.workers.filter(({ sources }) => sources.includes(source));

function stuck(queued: Queued): Condition[] {
  const ids = workersOf(queued).flatMap(({ id, isStuck }) => (isStuck ? [id] : []));
  if (ids.length === 0) return [];
  const [first = ''] = ids;
  const who = ids.length === 1 ? `Worker ${first}` : `${ids.length} workers, such as ${first},`;
  return [
    newCondition({
      kind: 'worker-stuck',
      level: 'critical',
      message: `${who} ${ids.length === 1 ? 'has' : 'have'} work and made no progress for ten minutes`,
      hint: 'Check the disks and the log of the worker, then restart it.',
      cause: 'worker-stuck',
      isHolding: ids.length === workersOf(queued).length,
    }),
  ];
}

/** Failures of the source or its archive that roles report; only a warning while at least one worker works. */
function stopped(queued: Queued): Condition[] {
  const { source, queue } = queued;
  const workers = workersOf(queued);
  const states = workers.flatMap((one) => one.states[source] ?? []);
  const reports = queue.producers.flatMap((one) => one.sources[source] ?? []);
  return [
    ...together(
      'archive-failing',
      states.flatMap(({ archiveFailure }) => archiveFailure ?? []),
      workers.length,
    ),
    ...together('source-stopped', states.flatMap(stopOf), workers.length),
    ...together('source-stopped', reports.flatMap(stopOf), reports.length),
  ];
}

interface Stop {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly since: number | null;
}

const stopOf = ({
  stopped: failure,
  stoppedSince: since,
}: {
  readonly stopped: Omit<Stop, 'since'> | null;
  readonly stoppedSince: number | null;
}): Stop[] => (failure === null ? [] : [{ ...failure, since }]);

function together(
  kind: 'archive-failing' | 'source-stopped',
  stops: readonly Stop[],
  roles: number,
): Condition[] {
  const [first] = stops;
  if (first === undefined) return [];
  // Critical even if only one process reports it: one of the two sources of this name is not archived.
  const isAll = stops.length === roles || first.code === 'source-name-shared';
  const since = Math.min(...stops.map((one) => one.since ?? Infinity));
  return [
    newCondition({
      kind,
      level: isAll ? 'critical' : 'warning',
      message: isAll ? first.message : `${first.message} (${stops.length} of ${roles} processes)`,
      hint: first.hint,
      code: first.code,
      since: Number.isFinite(since) ? new Date(since).toISOString() : null,
      cause: `${kind} ${first.message}`,
      isHolding: isAll,
    }),
  ];
}

/** Segments that are being retried, by failure. Failures of the whole archive are reported by `stopped`. */
function failing(queued: Queued): Condition[] {
  const { source, figures } = queued;
  if ((figures?.dueSegments ?? 0) === 0) return [];
  const failures = workersOf(queued)
    .flatMap((worker) => worker.failures)
    .filter((one) => one.source === source && one.kind !== 'quarantined' && one.segments > 0)
    .filter(({ code }) => !code.startsWith('store-'));
  const codes = [...new Set(failures.map(({ code }) => code))];
  return codes.map((code) => {
    const some = failures.filter((one) => one.code === code);
    const segments = some.reduce((sum, one) => sum + one.segments, 0);
    const since = Math.min(...some.map(({ at, since: first }) => first ?? at));
    const latest = some.toSorted((a, b) => b.at - a.at)[0];
    return newCondition({
      kind: 'segments-failing',
      level: 'warning',
      message: `${showCount(segments, 'segment')} ${segments === 1 ? 'is' : 'are'} failing and being retried, for ${showSpan(Date.now() - since)}: ${latest?.message ?? ''}`,
      hint: latest?.hint ?? '',
      code,
      since: new Date(since).toISOString(),
      segments,
      cause: `segments-failing ${source} ${code}`,
    });
  });
}
