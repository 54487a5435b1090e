import type { ArchiveStore, Disk, Source } from '@walq/wal-core/internal';
import type { Logger } from 'pino';
import type { RedisPlace } from '../connection/index.ts';
import type { QueueTelemetry } from '../telemetry/index.ts';

export interface ProducerOptions {
  readonly source: Source;
  /** The archive of this source. */
  readonly store: ArchiveStore;
  readonly redis: RedisPlace;
  readonly logger: Logger;
  /** First part of the queue's name; the source's name is the second. @default 'wal-archive' */
  readonly queueName?: string;
  /** @default the filesystem */
  readonly disk?: Disk;
  /** How many jobs may wait or be active in Redis; the disk holds the rest. @default 512 */
  readonly windowMax?: number;
  /** What `flush` does: only announces (true), or waits for the archiving (false). @default true */
  readonly archiveAsync?: boolean;
  /** How often the disk is compared with the queue unasked, in milliseconds. @default 30000 */
  readonly reconcileIntervalMs?: number;
  /** Traces segments over the queue, see `createQueueTelemetry`. @default none */
  readonly telemetry?: QueueTelemetry | undefined;
}
