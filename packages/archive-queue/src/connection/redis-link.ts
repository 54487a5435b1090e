/**
 * One connection to Redis for callers that must not wait: every call is answered within a deadline,
 * nothing is kept for later, and an outage is one line when it begins and one when it ends.
 */
import type { Redis } from 'ioredis';
import { WalqError } from '@walq/wal-core';
import type { Logger } from 'pino';
import { withDeadline } from '../pace/index.ts';
import { isConnectionError } from './is-connection-error.ts';
import { OutageGate } from './outage-gate.ts';
import { linkOptions, openRedis } from './redis-options.ts';
import { showPlace, type RedisPlace } from './redis-settings.ts';

export interface RedisLinkOptions {
  readonly place: RedisPlace;
  readonly logger: Logger;
  /** Called whenever the connection stands, the first time included. */
  readonly onReady?: () => void;
  /** How long a call may take, in milliseconds. @default 5000 */
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 5_000;

export class RedisLink {
  readonly client: Redis;
  readonly #gate: OutageGate;
  readonly #deadlineMs: number;
  readonly #shown: string;
  readonly #madeMs = performance.now();
  readonly #firstReady: Promise<void>;
  #tellFirstReady: () => void = () => undefined;
  #lastError: Error | undefined;
  #closed = false;

  constructor({ place, logger, onReady, deadlineMs = DEADLINE_MS }: RedisLinkOptions) {
    this.#shown = `Redis ${showPlace(place)}`;
    this.#gate = new OutageGate(logger, this.#shown);
    this.#deadlineMs = deadlineMs;
    this.#firstReady = new Promise((resolve) => {
      this.#tellFirstReady = resolve;
    });
    this.client = openRedis(linkOptions(place));
    this.client.on('error', (error: Error) => this.#failed(error));
    this.client.on('close', () => this.#failed(new Error('the connection was closed')));
    this.client.on('ready', () => {
      this.#gate.recovered();
      this.#tellFirstReady();
      onReady?.();
    });
  }

  get isReady(): boolean {
    return this.client.status === 'ready';
  }

  /**
   * Does something with Redis.
   *
   * @throws WalqError `redis-unavailable`; whether it was done is then not known
   */
  async call<T>(what: string, work: () => Promise<T>): Promise<T> {
    if (!this.isReady) throw this.#unavailable(what, this.#lastError);
    try {
      return await withDeadline(work(), this.#deadlineMs, what);
    } catch (cause) {
      throw this.#failedCall(what, cause);
    }
  }

  /**
   * Waits for the first connection, no longer than `ms` after the link was made, however often it is
   * refused meanwhile; the next call tells whether it stands. An outage later is not waited for.
   */
  async untilReady(ms: number): Promise<void> {
    const leftMs = this.#madeMs + ms - performance.now();
    if (leftMs <= 0) return;
    const first = withDeadline(this.#firstReady, leftMs, 'the first connection');
    await first.catch(() => undefined);
  }

  /** Notes a failure of another connection to the same place: one more error of an outage, never a new line. */
  noteElsewhere(error: Error): void {
    if (this.#gate.isOpen) this.#gate.failed(error);
  }

  /** Ends the connection at once, whether Redis answers or not. */
  close(): void {
    this.#closed = true;
    this.#tellFirstReady();
    this.client.disconnect();
  }

  #failed(error: Error): void {
    if (this.#closed) return;
    this.#lastError = error;
    this.#gate.failed(error);
  }

  #failedCall(what: string, cause: unknown): WalqError {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    // Commands without an answer would pile up behind a frozen server; a new connection drops them.
    if (error.name === 'DeadlineError' && this.isReady) this.client.disconnect(true);
    if (isConnectionError(error)) this.#failed(error);
    return this.#unavailable(what, error);
  }

  #unavailable(what: string, cause: Error | undefined): WalqError {
    const why = cause?.message ?? 'not connected yet';
    return new WalqError('redis-unavailable', {
      message: `unable to ${what} at ${this.#shown}: ${why}`,
      cause,
    });
  }
}
