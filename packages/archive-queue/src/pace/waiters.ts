/** Those who wait for something that happens again and again. */
export class Waiters {
  #waiting: (() => void)[] = [];

  /** Resolves when those who wait now are told. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  tell(): void {
    this.take()();
  }

  /** Takes those who wait by now, to be told later; who comes after them waits for the next. */
  take(): () => void {
    const taken = this.#waiting;
    this.#waiting = [];
    return () => {
      for (const tell of taken.splice(0)) tell();
    };
  }
}
