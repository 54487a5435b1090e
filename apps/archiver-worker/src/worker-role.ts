import type { Config, RedisConfig } from '@walq/wal-core';
import type { Logger } from 'pino';

export interface WorkerRoleOptions {
  /** With `redis`; a role without it does not start. */
  readonly config: Config & { readonly redis: RedisConfig };
  /** Segments at once. Default `wal.archive_parallelism`. */
  readonly concurrency?: number | undefined;
  /**
   * Ends when no due segment is left on the disk, and fails with the reason when nothing has moved for as long as
   * `stallTimeoutMs`. Default: works until the signal.
   */
  readonly untilEmpty?: { readonly stallTimeoutMs: number } | undefined;
  readonly logger: Logger;
  /** Of walq. */
  readonly version: string;
  /** Ends the role: unfinished jobs go back to the queue at once. */
  readonly signal: AbortSignal;
}

export interface WorkerResult {
  /** Segments in quarantine when the work ended; 0 where nobody asked for an empty backlog. */
  readonly quarantined: number;
}
