/**
 * One connection to Redis for callers that must not wait: every call ends within a deadline, no command is queued for
 * later, and an outage is logged in one line when it begins and one when it ends.
 */
import type { Redis } from 'ioredis';
import { isWalqError, WalqError, type OutageState } from '@walq/wal-core/internal';
import type { Logger } from 'pino';
import { newServiceOutage } from '../outages.ts';
import { withDeadline } from '../deadline.ts';
import { REPLY_TOO_LARGE } from './bounded-connector.ts';
import { hintFor, isConnectionError, isDeadline, isRefusal } from './redis-errors.ts';
import { linkOptions, openRedis } from './redis-options.ts';
import { showRedis, type RedisLocation } from './redis-settings.ts';

export interface RedisLinkOptions {
  readonly location: RedisLocation;
  readonly logger: Logger;
  /** Prefix of the queue names and of the link's own keys. */
  readonly queueName: string;
  /** Called whenever Redis becomes usable: connected, or accepting writes after it had rejected them. */
  readonly onReady?: () => void;
  /** How long a call may take, in milliseconds. @default 5000 */
  readonly deadlineMs?: number;
}

/** `refusing`: Redis replies, and it rejected the latest write. */
export type RedisState = 'ok' | 'unreachable' | 'refusing';

const DEADLINE_MS = 5_000;

type Outage = Pick<OutageState<Error>, 'current' | 'report' | 'clear'>;

export class RedisLink {
  readonly queueName: string;
  readonly #options: RedisLinkOptions;
  readonly #client: Redis;
  readonly #outage: Outage;
  readonly #deadlineMs: number;
  readonly #onReady: () => void;
  readonly #shown: string;
  readonly #madeMs = performance.now();
  readonly #firstReady: Promise<void>;
  #resolveFirstReady: () => void = () => undefined;
  /** The first error since the latest attempt to connect: what the server replied before the connection closed. */
  #lastError: Error | undefined;
  #isRetrying = false;
  /** Rejects the calls in flight when the connection breaks. */
  readonly #losing = new Set<() => void>();
  #refusal: Error | undefined;
  #closed = false;

  /** @param outage counts failures instead of an outage of this link's own, which is logged */
  constructor(options: RedisLinkOptions, outage?: Outage) {
    const { location, logger, queueName, deadlineMs = DEADLINE_MS } = options;
    this.#options = options;
    this.queueName = queueName;
    this.#onReady = options.onReady ?? (() => undefined);
    this.#shown = `Redis ${showRedis(location)}`;
    this.#outage = outage ?? newServiceOutage(logger, this.#shown);
    this.#deadlineMs = deadlineMs;
    this.#firstReady = new Promise((resolve) => {
      this.#resolveFirstReady = resolve;
    });
    this.#client = openRedis(linkOptions(location, deadlineMs));
    this.#client.on('error', (error: Error) => this.#onError(error));
    this.#client.on('close', () => {
      this.#failed(new Error('the connection was closed'));
      for (const lose of this.#losing) lose();
    });
    this.#client.on('reconnecting', () => {
      this.#isRetrying = true;
    });
    this.#client.on('ready', () => {
      this.#lastError = undefined;
      if (this.#refusal === undefined) this.#outage.clear();
      this.#resolveFirstReady();
      this.#onReady();
    });
  }

  get isReady(): boolean {
    return this.#client.status === 'ready';
  }

  /** Whether a job could be written, by the result of the latest write. */
  get state(): RedisState {
    // The connection to a server that rejected a write is closed and opened again: that is the same outage.
    const isLeft = this.#lastError === this.#refusal;
    if (this.#refusal !== undefined && (this.isReady || isLeft)) return 'refusing';
    return this.isReady ? 'ok' : 'unreachable';
  }

  /** Why `state` is not `ok`; the server's own message if there is one. */
  get problem(): string | undefined {
    if (!this.isReady) return this.#lastError?.message ?? this.#notYet();
    return this.#refusal?.message;
  }

  /** The connection itself, for BullMQ. Each of its commands has the link's deadline. */
  get connection(): Redis {
    return this.#client;
  }

  /** @throws WalqError `redis-unavailable`; whether the work was done is then not known */
  async call<T>(what: string, work: (client: Redis) => Promise<T>): Promise<T> {
    if (!this.isReady) throw this.#unavailable(what, this.#lastError);
    try {
      const done = this.#unlessLost(work(this.#client));
      return await withDeadline(done, this.#deadlineMs, what);
    } catch (cause) {
      // A nested call has already recorded its failure.
      throw isWalqError(cause) ? cause : this.#failedCall(what, cause);
    }
  }

  /** As `call`, for work that always writes: its success proves that Redis takes jobs. */
  async write<T>(what: string, work: (client: Redis) => Promise<T>): Promise<T> {
    const done = await this.call(what, work);
    const refused = this.#refusal !== undefined;
    this.#refusal = undefined;
    if (this.isReady) this.#outage.clear();
    if (refused) this.#onReady();
    return done;
  }

  /**
   * Waits for the first connection until at most `ms` after the link was created, through any number of failed attempts.
   * Returns either way; the next call fails if there is no connection. Does not wait during a later outage.
   */
  async untilReady(ms: number): Promise<void> {
    const leftMs = this.#madeMs + ms - performance.now();
    if (leftMs <= 0) return;
    const first = withDeadline(this.#firstReady, leftMs, 'the first connection');
    await first.catch(() => undefined);
  }

  /**
   * A second link to the same server, for commands that block; the caller closes it. Its failures are never logged.
   *
   * @param deadlineMs longer than any of its commands blocks, and shorter than `LINK_SILENCE_MAX_MS`
   */
  openSecond(deadlineMs: number, onReady: () => void): RedisLink {
    const outage = {
      current: undefined,
      report: (error: Error) => this.noteElsewhere(error),
      clear: () => undefined,
    };
    return new RedisLink({ ...this.#options, deadlineMs, onReady }, outage);
  }

  /** Counts a failure of another connection to the same server: part of a known outage, never a new log line. */
  noteElsewhere(error: Error): void {
    if (this.#outage.current !== undefined) this.#outage.report(error);
  }

  /** Closes the connection immediately, whether Redis answers or not. */
  close(): void {
    this.#closed = true;
    this.#resolveFirstReady();
    this.#client.disconnect();
  }

  /** When the connection breaks, ioredis drops the commands in flight without rejecting them; this rejects the call. */
  async #unlessLost<T>(work: Promise<T>): Promise<T> {
    let lose: () => void = () => undefined;
    const lost = new Promise<never>((_, reject) => {
      lose = () => reject(this.#whyClosed());
    });
    this.#losing.add(lose);
    try {
      return await Promise.race([work, lost]);
    } finally {
      this.#losing.delete(lose);
    }
  }

  #whyClosed(): Error {
    const { message } = this.#lastError ?? {};
    return new Error(message === REPLY_TOO_LARGE ? message : 'the connection was closed');
  }

  /** If the configured database cannot be selected, ioredis would continue in database 0. */
  #onError(error: Error): void {
    this.#failed(error);
    if (/DB index|^NOPERM .*'select'/.test(error.message)) this.#client.disconnect(true);
  }

  #failed(error: Error): void {
    if (this.#closed) return;
    if (this.#isRetrying || this.#lastError === undefined) this.#lastError = error;
    this.#isRetrying = false;
    this.#outage.report(error);
  }

  #failedCall(what: string, cause: unknown): WalqError {
    const error = causeOf(cause);
    if (isRefusal(error)) this.#refusal = error;
    // Unanswered commands would pile up while a server is frozen; a new connection drops them.
    if (isDeadline(error) && this.isReady) this.#client.disconnect(true);
    if (isConnectionError(error)) this.#failed(error);
    return this.#unavailable(what, error);
  }

  /** A server without TLS waits silently for a command; one that is loading its files is asked again by ioredis. */
  #notYet(): string {
    if (this.#client.status === 'connect')
      return 'the server accepted the connection and does not respond yet';
    return this.#shown.includes('rediss:') ? 'no TLS connection yet' : 'not connected yet';
  }

  #unavailable(what: string, cause: Error | undefined): WalqError {
    const why = cause?.message ?? this.#notYet();
    const hint = hintFor(why);
    return new WalqError('redis-unavailable', {
      message: `unable to ${what} at ${this.#shown}: ${why}`,
      cause,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

/** The reason for a rejected transaction is in the errors of its commands. */
function causeOf(cause: unknown): Error {
  const error = cause instanceof Error ? cause : new Error(String(cause));
  if (!('previousErrors' in error) || !Array.isArray(error.previousErrors)) return error;
  const [first] = error.previousErrors as unknown[];
  return first instanceof Error ? first : error;
}
