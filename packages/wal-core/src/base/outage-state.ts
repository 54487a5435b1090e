/** Called when an outage begins and when it ends. */
export interface OutageLines<Failure> {
  began(failure: Failure): void;
  ended(outage: EndedOutage<Failure>): void;
  /** Whether `now` is a different outage than `before`, so that `began` is called again. Default: never. */
  isOther?(before: Failure, now: Failure): boolean;
}

export interface EndedOutage<Failure> {
  /** The latest failure. */
  readonly failure: Failure;
  readonly failures: number;
  readonly outageMs: number;
}

/** Reports an outage once when it begins and once when it ends, however many failures lie in between. */
export class OutageState<Failure> {
  readonly #lines: OutageLines<Failure>;
  #current: Failure | undefined;
  #since: number | undefined;
  #sinceMs = 0;
  #failures = 0;

  constructor(lines: OutageLines<Failure>) {
    this.#lines = lines;
  }

  /** The latest failure; undefined while there is no outage. */
  get current(): Failure | undefined {
    return this.#current;
  }

  /** When the outage began, in milliseconds since 1970; undefined while there is none. */
  get since(): number | undefined {
    return this.#since;
  }

  /** Number of failures in this outage. */
  get failures(): number {
    return this.#failures;
  }

  report(failure: Failure): void {
    const before = this.#current;
    this.#failures += 1;
    this.#current = failure;
    if (before === undefined) {
      this.#since = Date.now();
      this.#sinceMs = performance.now();
    }
    const isOther = before !== undefined && this.#lines.isOther?.(before, failure) === true;
    if (before === undefined || isOther) this.#lines.began(failure);
  }

  clear(): void {
    const [failure, failures] = [this.#current, this.#failures];
    this.#current = undefined;
    this.#since = undefined;
    this.#failures = 0;
    if (failure === undefined) return;
    const outageMs = Math.round(performance.now() - this.#sinceMs);
    this.#lines.ended({ failure, failures, outageMs });
  }
}
