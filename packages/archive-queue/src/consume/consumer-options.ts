import type { Archiver, ArchiveStore, Disk, Source } from '@walq/wal-core/internal';
import type { Logger } from 'pino';
import type { ErrorGate } from '../log-throttle.ts';
import type { RedisLink } from '../connection/redis-link.ts';
import type { RedisPlace } from '../connection/redis-settings.ts';
import type { JobEvent } from '../job/job-ending.ts';
import type { QueueTelemetry } from '../queue/queue-telemetry.ts';
import type { Breakers } from './store-breaker.ts';
import type { SuspectLock } from './suspect-lock.ts';

export interface ConsumedSource {
  readonly source: Source;
  /** The archive of the source; sources of one archive share one object. */
  readonly store: ArchiveStore;
}

export interface ConsumerOptions {
  readonly sources: readonly ConsumedSource[];
  /** Not closed with the consumer. */
  readonly archiver: Archiver;
  readonly redis: RedisPlace;
  readonly logger: Logger;
  /** First part of the queues' names. @default 'wal-archive' */
  readonly queueName?: string;
  /** @default the filesystem */
  readonly disk?: Disk;
  /** How long a worker that is not heard of keeps its jobs, in milliseconds. @default 60000 */
  readonly lockDurationMs?: number;
  /** How often each source is looked at, in milliseconds. @default 15000 */
  readonly sourceCheckIntervalMs?: number;
  /** When jobs wait and none was taken for this long, the connection is made anew. @default 120000 */
  readonly stuckAfterMs?: number;
  /** How long work may stand still before the worker says so, in milliseconds. @default 600000 */
  readonly noProgressMs?: number;
  /** A check of a source, or a start without a reason to wait, that lasts longer hangs; ms. @default 120000 */
  readonly hangsAfterMs?: number;
  /** Of walq, for those who look at the worker. @default 'unknown' */
  readonly version?: string;
  /** How long a segment may be missing everywhere before it counts as lost, in ms. @default 300000 */
  readonly missingMs?: number;
  /** Hears what became of each job; must return at once and not throw. */
  readonly onEvent?: (event: JobEvent) => void;
  /** Traces segments over the queue, see `createQueueTelemetry`. @default none */
  readonly telemetry?: QueueTelemetry | undefined;
}

export const CONSUMER_DEFAULTS = {
  queueName: 'wal-archive',
  lockDurationMs: 60_000,
  sourceCheckIntervalMs: 15_000,
  stuckAfterMs: 120_000,
  missingMs: 300_000,
  noProgressMs: 600_000,
  hangsAfterMs: 120_000,
  version: 'unknown',
};

type ConsumerDefaults = typeof CONSUMER_DEFAULTS;

/** What the workers of all sources have in common; made once, and passed on as it is. */
export interface SharedParts
  extends Omit<ConsumerOptions, keyof ConsumerDefaults>, Readonly<ConsumerDefaults> {
  /** Name of this worker: for BullMQ, the list of workers and the quarantine. */
  readonly id: string;
  readonly disk: Disk;
  readonly link: RedisLink;
  readonly errors: ErrorGate;
  readonly breakers: Breakers;
  readonly suspects: SuspectLock;
  /** Hears what became of each job. */
  readonly note: (event: JobEvent) => void;
}
