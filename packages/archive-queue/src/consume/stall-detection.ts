/** Detects a stalled worker: it makes no progress, BullMQ takes no jobs, or it never started. */
import type { RedisState } from '../connection/redis-link.ts';
import type { SourceWorkerState } from './source-worker.ts';

interface WorkSeen {
  /** A segment is in progress, or one waits that may be taken. */
  readonly hasWork: boolean;
  /** Changes with every segment that starts or ends, and with every byte. */
  readonly mark: string;
}

/**
 * Detects a worker that has work and makes no progress, because a disk hangs or jobs are not taken. An idle or paused
 * worker is not stuck.
 */
export class ProgressWatch {
  readonly #stuckAfterMs: number;
  /** Monotonic: a wall clock that is set forward must not make a worker stuck. */
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

  /** When a segment last started, progressed or finished, in milliseconds since 1970; null before the first. */
  get lastProgressAt(): number | null {
    return this.#lastProgressAt;
  }

  get isStuck(): boolean {
    return this.#hasWork && this.#steadyMs() - this.#since >= this.#stuckAfterMs;
  }
}

/**
 * Detects a worker that stopped silently: jobs wait, and none was taken for a long time. BullMQ's own `isRunning()`
 * stays true in that case.
 */
export class StuckDetector {
  readonly #stuckAfterMs: number;
  readonly #now: () => number;
  #waitingSinceMs: number | undefined;

  constructor(stuckAfterMs: number, now: () => number = () => performance.now()) {
    this.#stuckAfterMs = stuckAfterMs;
    this.#now = now;
  }

  /** To be called from time to time. Returns true at most once per `stuckAfterMs`. */
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
 * Detects a worker that does not start its work although nothing prevents it: Redis takes writes, and the worker is
 * neither paused nor failing. All calls have deadlines, so this is a bug, and restarting the process is the remedy.
 */
export class HangWatch {
  readonly #afterMs: number;
  readonly #nowMs: () => number;
  /** By source: since when it is idle without a reason. */
  readonly #since = new Map<string, number>();

  constructor(afterMs: number, nowMs: () => number = () => performance.now()) {
    this.#afterMs = afterMs;
    this.#nowMs = nowMs;
  }

  /** A message that names what hangs; undefined if nothing does. To be called repeatedly with the current state. */
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
    return `archiving of source ${names.join(', ')} has not started or has stopped, for no known reason`;
  }

  /** Returns since when; Infinity if there is a reason. */
  #note(name: string, isWithoutReason: boolean): number {
    if (!isWithoutReason) this.#since.delete(name);
    else if (!this.#since.has(name)) this.#since.set(name, this.#nowMs());
    return this.#since.get(name) ?? Infinity;
  }
}

const isUnexplained = ({ isTaking, pauseReasons, stopped }: SourceWorkerState): boolean =>
  !isTaking && pauseReasons.length === 0 && stopped === undefined;
