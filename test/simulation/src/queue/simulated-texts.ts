/** Keys of Redis with a text and an end. */
export class SimulatedTexts {
  readonly #nowMs: () => number;
  readonly #texts = new Map<string, { readonly text: string; readonly untilMs: number }>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Null where it is there and was to be new. */
  set(key: string, text: string, ms: number, isNew: boolean): 'OK' | null {
    if (isNew && this.get(key) !== '') return null;
    this.#texts.set(key, { text, untilMs: this.#nowMs() + ms });
    return 'OK';
  }

  /** Empty where there is none. */
  get(key: string): string {
    const { text, untilMs } = this.#texts.get(key) ?? { text: '', untilMs: Infinity };
    return untilMs > this.#nowMs() ? text : '';
  }

  clear(): void {
    this.#texts.clear();
  }
}
