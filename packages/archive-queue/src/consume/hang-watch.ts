/**
 * Tells a worker that does not get to its work although nothing outside keeps it: Redis takes writes, no hold
 * and no failure is known. All calls have deadlines, so this is a bug, and a new process is the way out.
 */
import type { RedisState } from '../connection/index.ts';
import type { SourceWorkerState } from './source-worker.ts';

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

const isUnexplained = ({ isTaking, holds, stopped }: SourceWorkerState): boolean =>
  !isTaking && holds.length === 0 && stopped === undefined;
