/** Does one piece of work after another, whether those before succeeded or not. */
export class InTurn {
  #last: Promise<unknown> = Promise.resolve();

  do<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    // Its failure is its caller's.
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}
