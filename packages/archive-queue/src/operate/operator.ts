/**
 * What a person may do to the queue of a source. None of it can lose a segment: the disk is the truth. Each
 * call rejects with `redis-unavailable` when Redis does not answer in time, and with `usage` for a source
 * that is not configured.
 */
export interface Operator {
  /** Workers take no more jobs of this source until it is resumed; its segments stay where they are. */
  pause(source: string): Promise<void>;
  resume(source: string): Promise<void>;
  /** Tries a segment now that waits after a failure; false when it does not. */
  retry(source: string, segment: string): Promise<boolean>;
  /** As `retry`, for all that wait; gives their number. */
  retryAll(source: string): Promise<number>;
  close(): void;
}
