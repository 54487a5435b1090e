/** A few things that many use, one user at a time each; whoever finds none idle waits for its turn. */
export class Turns<T> {
  readonly #idle: T[];
  readonly #count: number;
  readonly #waiting: ((thing: T) => void)[] = [];

  constructor(things: readonly T[]) {
    this.#idle = [...things];
    this.#count = things.length;
  }

  /** How many are in use. */
  get inUse(): number {
    return this.#count - this.#idle.length;
  }

  async use<R>(work: (thing: T) => Promise<R>): Promise<R> {
    const thing = this.#idle.pop() ?? (await this.#next());
    try {
      return await work(thing);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#idle.push(thing);
      else next(thing);
    }
  }

  #next(): Promise<T> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
