import type { Answers } from './answer-request.ts';

type Metrics = Answers['metrics'];

/** Rendering them takes the main thread for some milliseconds, and they move no faster than this. */
const FRESH_MS = 1_000;

/** The metrics as text, rendered once at a time and at the most once a second, however many ask. */
export class MetricsText implements Metrics {
  readonly #of: Metrics;
  #latest: Promise<string> | undefined;
  #freshUntilMs = 0;

  constructor(of: Metrics) {
    this.#of = of;
  }

  get contentType(): string {
    return this.#of.contentType;
  }

  metrics(): Promise<string> {
    if (this.#latest !== undefined && performance.now() < this.#freshUntilMs) return this.#latest;
    const rendering = this.#of.metrics();
    this.#latest = rendering;
    this.#freshUntilMs = Infinity;
    const age = (): void => {
      this.#freshUntilMs = performance.now() + FRESH_MS;
    };
    // A failure is its askers' to handle; here it only ends.
    rendering.then(age, () => {
      this.#latest = undefined;
    });
    return rendering;
  }
}
