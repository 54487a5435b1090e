/** What keeps a log short while something fails again and again, each time a little otherwise. */
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';

const QUIET_MS = 60_000;
/** Of more kinds, the one that was heard of longest ago is forgotten. */
const KINDS_MAX = 500;

/** Lets one line a minute through for each kind of failure. */
export class LogThrottle {
  readonly #kinds = new LRUCache<string, { quietUntilMs: number; suppressed: number }>({
    max: KINDS_MAX,
  });

  /** How many were suppressed since the last line of this kind; undefined where this one is suppressed too. */
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

/** Logs errors, of each kind one a minute; the next line says how many it swallowed. */
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
