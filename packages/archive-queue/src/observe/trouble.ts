import { toFailureRecord, type FailureRecord, type WalqError } from '@walq/wal-core/internal';
import type { Logger } from 'pino';

/** What keeps a source from being worked on: one line when it begins or changes, one when it ends. */
export class Trouble {
  readonly #logger: Logger;
  #current: FailureRecord | undefined;
  #since: number | undefined;
  #failures = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get current(): FailureRecord | undefined {
    return this.#current;
  }

  /** When the failures began, in milliseconds since 1970; undefined while there is none. */
  get since(): number | undefined {
    return this.#since;
  }

  /** Rounds that failed since the last good one. */
  get failures(): number {
    return this.#failures;
  }

  report(failure: WalqError): void {
    this.#failures += 1;
    this.#since ??= Date.now();
    const changed = this.#current?.code !== failure.code;
    this.#current = toFailureRecord(failure);
    if (!changed) return;
    this.#logger.error({ err: failure, code: failure.code, hint: failure.hint }, failure.message);
  }

  over(): void {
    this.#failures = 0;
    this.#since = undefined;
    if (this.#current === undefined) return;
    this.#logger.info({ code: this.#current.code }, 'over: going on');
    this.#current = undefined;
  }
}
