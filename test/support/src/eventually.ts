import { setTimeout as sleep } from 'node:timers/promises';

/**
 * How long a test waits for what must happen, in milliseconds, before it takes it for hung.
 * No expectation: on a busy machine starting one role may take half a minute.
 */
export const PATIENCE_MS = 120_000;

export interface EventuallyOptions {
  /** How long to keep trying, in milliseconds. @default PATIENCE_MS */
  readonly timeoutMs?: number;
  /** Pause between two attempts, in milliseconds. @default 20 */
  readonly everyMs?: number;
}

/**
 * Calls `attempt` until it no longer throws, and returns its value.
 * For what cannot be awaited as an event: another process's files, Redis.
 *
 * @throws the error of the last attempt, as `cause`, once `timeoutMs` has gone by
 */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  { timeoutMs = PATIENCE_MS, everyMs = 20 }: EventuallyOptions = {},
): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (cause) {
      if (performance.now() >= deadlineMs) throw tookTooLong(timeoutMs, cause);
    }
    await sleep(everyMs);
  }
}

function tookTooLong(timeoutMs: number, cause: unknown): Error {
  const last = cause instanceof Error ? cause.message : String(cause);
  return new Error(`still failing after ${timeoutMs} ms: ${last}`, { cause });
}
