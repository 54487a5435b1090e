/** Wrong logins by client: after ten within a minute a client has to wait. Memory is bounded. */
const ATTEMPTS_MAX = 10;
const SPAN_MS = 60_000;
const CLIENTS_MAX = 10_000;

export class FailedAttempts {
  readonly #now: () => number;
  readonly #clients = new Map<string, { count: number; readonly until: number }>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Seconds until this client may try again; 0 when it may now. */
  waitS(client: string): number {
    const known = this.#clients.get(client);
    if (known === undefined || known.until <= this.#now()) return 0;
    return known.count < ATTEMPTS_MAX ? 0 : Math.ceil((known.until - this.#now()) / 1_000);
  }

  note(client: string): void {
    const known = this.#clients.get(client);
    if (known !== undefined && known.until > this.#now()) known.count += 1;
    else this.#begin(client);
  }

  /** The one that failed first makes room. */
  #begin(client: string): void {
    this.#clients.delete(client);
    const [oldest] = this.#clients.keys();
    if (this.#clients.size >= CLIENTS_MAX && oldest !== undefined) this.#clients.delete(oldest);
    this.#clients.set(client, { count: 1, until: this.#now() + SPAN_MS });
  }
}
