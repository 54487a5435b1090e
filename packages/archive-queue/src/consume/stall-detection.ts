/** How a worker notices that it stands still: it makes no progress, BullMQ takes no jobs, or it never began. */
import type { RedisState } from '../connection/redis-link.ts';
import type { SourceWorkerState } from './source-worker.ts';

interface WorkSeen {
  /** Something is in work, or waits and may be taken. */
  readonly hasWork: boolean;
  /** Another with every segment that begins or ends, and with every byte. */
  readonly mark: string;
}

/**
 * Tells a worker that has work and gets nowhere: a disk that hangs, or jobs that nobody takes. Idle is not
 * stuck, nor is a worker that was told to wait.
 */
export class ProgressWatch {
  readonly #stuckAfterMs: number;
  /** A wall clock that is set forward must not make a worker stuck. */
  readonly #steadyMs: () => number;
  #mark: string | undefined;
  #lastProgressAt: number | null = null;
  #since: number;
  #hasWork = false;

  constructor(stuckAfterMs: number, steadyMs: () => number = () => performance.now()) {
    this.#stuckAfterMs = stuckAfterMs;
    this.#steadyMs = steadyMs;
    this.#since = steadyMs();
  }

  note({ hasWork, mark }: WorkSeen): void {
    const isProgress = this.#mark !== undefined && mark !== this.#mark;
    if (isProgress) this.#lastProgressAt = Date.now();
    if (isProgress || !hasWork || !this.#hasWork) this.#since = this.#steadyMs();
    this.#mark = mark;
    this.#hasWork = hasWork;
  }

  /** When a segment last began, moved or ended, in milliseconds since 1970; null before the first. */
  get lastProgressAt(): number | null {
    return this.#lastProgressAt;
  }

  get isStuck(): boolean {
    return this.#hasWork && this.#steadyMs() - this.#since >= this.#stuckAfterMs;
  }
}

/**
 * Tells a worker that silently stopped: jobs wait, and for a long time none was taken. BullMQ's own
 * `isRunning()` stays true then.
 */
export class StuckDetector {
  readonly #stuckAfterMs: number;
  readonly #now: () => number;
  #waitingSinceMs: number | undefined;

  constructor(stuckAfterMs: number, now: () => number = () => performance.now()) {
    this.#stuckAfterMs = stuckAfterMs;
    this.#now = now;
  }

  /** Asked from time to time with what is known now; true at most once for each stretch of time. */
  isStuck(waiting: number, lastProgressMs: number): boolean {
    if (waiting === 0) {
      this.#waitingSinceMs = undefined;
      return false;
    }
    this.#waitingSinceMs = Math.max((this.#waitingSinceMs ??= this.#now()), lastProgressMs);
    if (this.#now() - this.#waitingSinceMs < this.#stuckAfterMs) return false;
    this.#waitingSinceMs = undefined;
    return true;
  }
}

/**
 * Tells a worker that does not get to its work although nothing outside keeps it: Redis takes writes, no hold
 * and no failure is known. All calls have deadlines, so this is a bug, and a new process is the way out.
 */
export class HangWatch {
  readonly #afterMs: number;
  readonly #nowMs: () => number;
  /** By source: since when it is not worked on without a reason. */
  readonly #since = new Map<string, number>();

  constructor(afterMs: number, nowMs: () => number = () => performance.now()) {
    this.#afterMs = afterMs;
    this.#nowMs = nowMs;
  }

  /** What hangs, for people; undefined while nothing does. Asked again and again with what is known now. */
  hanging(
    redis: RedisState,
    sources: Readonly<Record<string, SourceWorkerState>>,
  ): string | undefined {
    const hanging = Object.entries(sources).filter(([name, state]) => {
      const sinceMs = this.#note(name, redis === 'ok' && isUnexplained(state));
      return Math.max(state.checkMs, this.#nowMs() - sinceMs) >= this.#afterMs;
    });
    const names = hanging.map(([name]) => `'${name}'`);
    if (names.length === 0) return undefined;
    return `the work on source ${names.join(', ')} has not begun or does not go on, for no known reason`;
  }

  /** Since when, Infinity where there is a reason. */
  #note(name: string, isWithoutReason: boolean): number {
    if (!isWithoutReason) this.#since.delete(name);
    else if (!this.#since.has(name)) this.#since.set(name, this.#nowMs());
    return this.#since.get(name) ?? Infinity;
  }
}

const isUnexplained = ({ isTaking, pauseReasons, stopped }: SourceWorkerState): boolean =>
  !isTaking && pauseReasons.length === 0 && stopped === undefined;
