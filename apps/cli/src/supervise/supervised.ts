/** Keeps a child running until stopped: restarts it when it ends, after growing delays. */
import { backoffMs } from '@walq/wal-core/internal';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ChildListener,
  type ChildSpec,
  signalGroup,
  runChild,
  type ChildEnd,
  type RunningChild,
} from './run-child.ts';

interface RestartTimes {
  /** Delay before the first restart; it doubles with each further one. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** After a run this long, the next restart has the first delay again. */
  readonly stableMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly stopMs: number;
}

const defaultTimes: RestartTimes = {
  firstMs: 500,
  longestMs: 30_000,
  stableMs: 60_000,
  stopMs: 10_000,
};

/** A role's exit code after wrong usage: a restart cannot help. */
const USAGE_EXIT_CODE = 2;

export class Supervised {
  /** Resolves after `stop()`; rejects when a restart cannot help. */
  readonly ended: Promise<void>;
  readonly #spec: ChildSpec;
  readonly #listener: ChildListener;
  readonly #times: RestartTimes;
  readonly #stopping = new AbortController();
  #running: RunningChild | undefined;

  constructor(spec: ChildSpec, listener: ChildListener, times: Partial<RestartTimes> = {}) {
    this.#spec = spec;
    this.#listener = listener;
    this.#times = { ...defaultTimes, ...times };
    this.ended = this.#keepRunning();
    // No caller has to await `ended`, so its rejection must not count as unhandled.
    this.ended.catch(() => undefined);
  }

  /** Sends SIGTERM, and SIGKILL after `stopMs`. May be called again. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const running = this.#running;
    if (running === undefined) return;
    signalGroup(running.process, 'SIGTERM');
    const force = setTimeout(() => signalGroup(running.process, 'SIGKILL'), this.#times.stopMs);
    await running.ended;
    clearTimeout(force);
  }

  async #keepRunning(): Promise<void> {
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      const startedMs = performance.now();
      const end = await this.#runOnce();
      if (this.#stopping.signal.aborted) return;
      this.#assertRestartable(end);
      failures = performance.now() - startedMs > this.#times.stableMs ? 0 : failures + 1;
      await this.#pause(failures, end);
    }
  }

  async #runOnce(): Promise<ChildEnd> {
    this.#running = runChild(this.#spec, this.#listener);
    try {
      return await this.#running.ended;
    } finally {
      this.#running = undefined;
    }
  }

  #assertRestartable({ code, why }: ChildEnd): void {
    if (code !== USAGE_EXIT_CODE) return;
    throw new Error(`${this.#spec.name} cannot run (${why}); see its message above`);
  }

  async #pause(failures: number, { why }: ChildEnd): Promise<void> {
    const delayMs = backoffMs(failures + 1, this.#times);
    this.#listener.restarting(this.#spec, why, delayMs);
    await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}

/** Keeps several children running until the signal aborts or one cannot run; then stops all of them. */
export async function superviseAll(
  specs: readonly ChildSpec[],
  listener: ChildListener,
  signal: AbortSignal,
  times: Partial<RestartTimes> = {},
): Promise<void> {
  signal.throwIfAborted();
  const children = specs.map((spec) => new Supervised(spec, listener, times));
  try {
    await Promise.race([aborted(signal), ...children.map((child) => child.ended)]);
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
