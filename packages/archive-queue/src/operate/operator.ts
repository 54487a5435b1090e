import type { Pause } from '../queue/index.ts';

/**
 * What a person may do to the queue of a source. None of it can lose a segment: the disk is the truth. Each
 * call rejects with `redis-unavailable` when Redis does not answer in time, and with `usage` for a source
 * that is not configured.
 */
export interface Operator {
  /**
   * Workers take no more jobs of this source until it is resumed; its segments stay where they are. Gives the
   * pause in force: an earlier one stays as it is. `by` is `user@host`, or the login of the archive page.
   */
  pause(source: string, by: string): Promise<Pause>;
  /** Gives the pause that ended; undefined where the source was not paused. */
  resume(source: string): Promise<Pause | undefined>;
  /** Undefined where the source is not paused. */
  pauseInForce(source: string): Promise<Pause | undefined>;
  /** Tries a segment now that waits after a failure; false when it does not. */
  retry(source: string, segment: string): Promise<boolean>;
  /** As `retry`, for all that wait; gives their number. */
  retryAll(source: string): Promise<number>;
  close(): void;
}
