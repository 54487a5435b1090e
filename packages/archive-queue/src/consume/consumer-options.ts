import type { Archiver, ArchiveStore, Disk, Source } from '@walq/wal-core/internal';
import type { Logger } from 'pino';
import type { ErrorGate } from '../log-throttle.ts';
import type { RedisLink } from '../connection/redis-link.ts';
import type { RedisLocation } from '../connection/redis-settings.ts';
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
  readonly redis: RedisLocation;
  readonly logger: Logger;
  /** Name of this worker; give the one that the archiver writes to manifests. @default `host:pid:random` */
  readonly id?: string;
  /** Prefix of the queue names; `-` and the name of the source follow. @default 'wal-archive' */
  readonly queueName?: string;
  /** @default the host's filesystem */
  readonly disk?: Disk;
  /** After this long without a renewed lock, another worker takes over a job; milliseconds. @default 60000 */
  readonly lockDurationMs?: number;
  /** Interval between two checks of a source, in milliseconds. @default 15000 */
  readonly sourceCheckIntervalMs?: number;
  /** If jobs wait and none was taken for this long, the worker reconnects; milliseconds. @default 120000 */
  readonly stuckAfterMs?: number;
  /** Without progress for this long, a worker with work counts as stuck; milliseconds. @default 600000 */
  readonly noProgressMs?: number;
  /** A source check or a start that takes longer for no known reason counts as hung; milliseconds. @default 120000 */
  readonly hangsAfterMs?: number;
  /** Shown as the worker's version. @default 'unknown' */
  readonly version?: string;
  /** A segment missing from source and archive for this long counts as lost; milliseconds. @default 300000 */
  readonly missingMs?: number;
  /** Called with the outcome of each segment. Must return quickly and must not throw. */
  readonly onEvent?: (event: JobEvent) => void;
  /** Traces each segment through the queue, see `createQueueTelemetry`. @default no traces */
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

/** What the workers of all sources share. */
export interface SharedParts
  extends Omit<ConsumerOptions, keyof ConsumerDefaults>, Readonly<ConsumerDefaults> {
  /** Name of this worker in BullMQ, in the registry and in quarantine records. */
  readonly id: string;
  readonly disk: Disk;
  readonly link: RedisLink;
  readonly errors: ErrorGate;
  readonly breakers: Breakers;
  readonly suspects: SuspectLock;
  /** Called with the outcome of each segment. */
  readonly note: (event: JobEvent) => void;
}
