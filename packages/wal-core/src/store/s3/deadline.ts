/** Ends one call to a server that does not answer, or does not go on. */
import { WalqError } from '../../base/failure/walq-error.ts';
import type { S3Deadlines } from './settings.ts';

/** A call that is slower than this on the whole is given up. */
const BYTES_PER_SECOND_MIN = 64 * 1024;

const millisecondsFor = (bytes: number): number => (bytes / BYTES_PER_SECOND_MIN) * 1000;

export class Deadline {
  readonly #controller = new AbortController();
  readonly #idleMs: number;
  #idle: NodeJS.Timeout | undefined;
  #whole: NodeJS.Timeout | undefined;
  /** What was left for the whole call when its timer began. */
  #leftMs: number;
  #sinceMs = 0;
  #failure: Error | undefined;
  #isOver = false;

  /** `bytes`: how much the call moves, as far as that is known. */
  constructor({ idleMs, callMs }: S3Deadlines, bytes: number) {
    this.#idleMs = idleMs;
    this.#leftMs = callMs + millisecondsFor(bytes);
    this.#start();
  }

  /** Aborts the call when it is over. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The work's own result, or the deadline's failure: whatever the work does then is nobody's any more. */
  async within<T>(work: Promise<T>): Promise<T> {
    const passed = new Promise<never>((_resolve, reject) => {
      const giveUp = () => reject(this.#failure ?? new Error('given up'));
      this.signal.addEventListener('abort', giveUp, { once: true });
    });
    try {
      return await Promise.race([work, passed]);
    } catch (error) {
      if (this.#failure !== undefined) throw this.#failure;
      throw error;
    }
  }

  /** Some bytes went their way. */
  progress(): void {
    this.#idle?.refresh();
  }

  /** So many bytes more than was known. */
  extend(bytes: number): void {
    this.#stop();
    this.#leftMs += millisecondsFor(bytes);
    this.#start();
  }

  /** What this process waits for by itself is not the server's time. */
  async outside<T>(work: () => Promise<T>): Promise<T> {
    this.#stop();
    try {
      return await work();
    } finally {
      this.#start();
    }
  }

  /** Ends the call with this. */
  fail(failure: Error): void {
    this.end();
    this.#failure ??= failure;
    this.#controller.abort(failure);
  }

  /** The call is over; nothing is timed any more, whatever of it is still about. */
  end(): void {
    this.#isOver = true;
    this.#stop();
  }

  #start(): void {
    if (this.#isOver) return;
    this.#sinceMs = performance.now();
    this.#idle = setTimeout(() => this.fail(silent(this.#idleMs)), this.#idleMs);
    this.#whole = setTimeout(() => this.fail(slow()), this.#leftMs);
  }

  #stop(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#whole);
    this.#leftMs = Math.max(0, this.#leftMs - (performance.now() - this.#sinceMs));
    this.#sinceMs = performance.now();
  }
}

const silent = (ms: number): WalqError =>
  new WalqError('store-unavailable', { message: `no answer for ${ms / 1000} s` });

const slow = (): WalqError =>
  new WalqError('store-unavailable', { message: 'it took too long as a whole' });
