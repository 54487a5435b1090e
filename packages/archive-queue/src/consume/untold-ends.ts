/** Jobs that ended here and of which BullMQ has not said yet that Redis knows. */
const UNTOLD_MAX_MS = 30_000;

export class UntoldEnds {
  readonly #since = new Map<string, number>();

  get isEmpty(): boolean {
    return this.#since.size === 0;
  }

  ended(id: string): void {
    this.#since.set(id, performance.now());
  }

  told(id: string): void {
    this.#since.delete(id);
  }

  /** BullMQ says nothing of an end that Redis did not take: it is not waited for without an end. */
  forgetOld(): void {
    const oldest = performance.now() - UNTOLD_MAX_MS;
    for (const [id, since] of this.#since) if (since < oldest) this.#since.delete(id);
  }
}
