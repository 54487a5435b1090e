import type { Logger } from 'pino';

/** Lets one line through when an outage begins and one when it ends, whatever happens in between. */
export class OutageGate {
  readonly #logger: Logger;
  readonly #what: string;
  #since: number | undefined;
  #suppressed = 0;

  /** @param what what is out, such as `Redis redis://127.0.0.1:6379` */
  constructor(logger: Logger, what: string) {
    this.#logger = logger;
    this.#what = what;
  }

  get isOpen(): boolean {
    return this.#since !== undefined;
  }

  failed(error: Error): void {
    if (this.#since !== undefined) {
      this.#suppressed += 1;
      return;
    }
    this.#since = performance.now();
    this.#logger.warn({ err: error }, `${this.#what} is not available; retrying`);
  }

  recovered(): void {
    if (this.#since === undefined) return;
    const outageMs = Math.round(performance.now() - this.#since);
    this.#logger.info(
      { outageMs, suppressedErrors: this.#suppressed },
      `${this.#what} is available again`,
    );
    this.#since = undefined;
    this.#suppressed = 0;
  }
}
