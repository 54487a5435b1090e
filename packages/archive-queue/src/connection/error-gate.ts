import type { Logger } from 'pino';

const KINDS_MAX = 50;
const QUIET_MS = 60_000;

interface Kind {
  quietUntil: number;
  suppressed: number;
}

/** Lets one line a minute through for each kind of error; the next line says how many it swallowed. */
export class ErrorGate {
  readonly #logger: Logger;
  readonly #kinds = new Map<string, Kind>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  report(error: Error, what: string): void {
    const kind = this.#kindOf(error);
    if (performance.now() < kind.quietUntil) {
      kind.suppressed += 1;
      return;
    }
    this.#logger.error({ err: error, suppressedErrors: kind.suppressed }, what);
    kind.quietUntil = performance.now() + QUIET_MS;
    kind.suppressed = 0;
  }

  #kindOf(error: Error): Kind {
    const name = `${error.name} ${error.message.replace(/[^A-Za-z ]+/g, '#').slice(0, 40)}`;
    const known = this.#kinds.get(name);
    if (known !== undefined) return known;
    if (this.#kinds.size >= KINDS_MAX) this.#kinds.clear();
    const kind = { quietUntil: 0, suppressed: 0 };
    this.#kinds.set(name, kind);
    return kind;
  }
}
