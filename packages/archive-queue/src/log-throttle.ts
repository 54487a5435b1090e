/** Keeps the log short while something fails repeatedly with slightly different messages. */
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';

const QUIET_MS = 60_000;
/** Beyond this, the least recently seen kind is forgotten. */
const KINDS_MAX = 500;

/** Admits one line per minute for each kind of failure. */
export class LogThrottle {
  readonly #kinds = new LRUCache<string, { quietUntilMs: number; suppressed: number }>({
    max: KINDS_MAX,
  });

  /** Returns how many lines of this kind were suppressed since the last one; undefined if this one is suppressed too. */
  admit(kind: string): number | undefined {
    const known = this.#kinds.get(kind);
    if (known !== undefined && performance.now() < known.quietUntilMs) {
      known.suppressed += 1;
      return undefined;
    }
    this.#kinds.set(kind, { quietUntilMs: performance.now() + QUIET_MS, suppressed: 0 });
    return known?.suppressed ?? 0;
  }
}

/** Logs one error per minute for each kind, with the number of suppressed ones. */
export class ErrorGate {
  readonly #logger: Logger;
  readonly #throttle = new LogThrottle();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  report(error: Error, what: string): void {
    const kind = `${error.name} ${error.message.replace(/[^A-Za-z ]+/g, '#').slice(0, 40)}`;
    const suppressedErrors = this.#throttle.admit(kind);
    if (suppressedErrors !== undefined) this.#logger.error({ err: error, suppressedErrors }, what);
  }
}
