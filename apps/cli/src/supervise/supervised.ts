/** Keeps one child running: starts it again when it ends by itself, with growing pauses, until stopped. */
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

interface Pace {
  /** Before the first restart; doubles with each. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** A child that ran this long begins anew with the first pause. */
  readonly soundMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly stopMs: number;
}

const defaultPace: Pace = { firstMs: 500, longestMs: 30_000, soundMs: 60_000, stopMs: 10_000 };

/** A role's exit code when it was called wrongly: starting it again cannot help. */
const USAGE_EXIT_CODE = 2;

export class Supervised {
  /**
   * Resolves when it was stopped; rejects when starting it again cannot help.
   */
  readonly ended: Promise<void>;
  readonly #spec: ChildSpec;
  readonly #listener: ChildListener;
  readonly #pace: Pace;
  readonly #stopping = new AbortController();
  #running: RunningChild | undefined;

  constructor(spec: ChildSpec, listener: ChildListener, pace: Partial<Pace> = {}) {
    this.#spec = spec;
    this.#listener = listener;
    this.#pace = { ...defaultPace, ...pace };
    this.ended = this.#keepRunning();
    // Whoever waits for `ended` is told; nobody has to.
    this.ended.catch(() => undefined);
  }

  /** Ends it in order, and after `stopMs` by force. Again is no error. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const running = this.#running;
    if (running === undefined) return;
    signalGroup(running.process, 'SIGTERM');
    const force = setTimeout(() => signalGroup(running.process, 'SIGKILL'), this.#pace.stopMs);
    await running.ended;
    clearTimeout(force);
  }

  async #keepRunning(): Promise<void> {
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      const startedMs = performance.now();
      const end = await this.#runOnce();
      if (this.#stopping.signal.aborted) return;
      this.#refuseHopeless(end);
      failures = performance.now() - startedMs > this.#pace.soundMs ? 0 : failures + 1;
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

  #refuseHopeless({ code, why }: ChildEnd): void {
    if (code !== USAGE_EXIT_CODE) return;
    throw new Error(`${this.#spec.name} cannot run (${why}); its own message stands above`);
  }

  async #pause(failures: number, { why }: ChildEnd): Promise<void> {
    // After a sound run, the first pause.
    const delayMs = backoffMs(failures + 1, this.#pace);
    this.#listener.restarting(this.#spec, why, delayMs);
    await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}

/**
 * Keeps several children running until the signal aborts, then ends all of them; rejects, after having
 * ended the others, when one cannot run at all.
 */
export async function superviseAll(
  specs: readonly ChildSpec[],
  listener: ChildListener,
  signal: AbortSignal,
  pace: Partial<Pace> = {},
): Promise<void> {
  signal.throwIfAborted();
  const children = specs.map((spec) => new Supervised(spec, listener, pace));
  try {
    await Promise.race([aborted(signal), ...children.map((child) => child.ended)]);
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
