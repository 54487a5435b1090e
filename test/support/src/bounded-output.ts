import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const KEPT_LINES_MAX = 20_000;

/** The last lines that a process wrote to one stream. */
export class BoundedOutput {
  readonly #lines: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();

  constructor(stream: Readable) {
    createInterface({ input: stream }).on('line', (line) => this.#take(line));
  }

  /** What was written, at most the last 20,000 lines of it. */
  get text(): string {
    return this.#lines.map((line) => `${line}\n`).join('');
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Calls `listener` with each line to come; the returned function ends that. */
  listen(listener: (line: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #take(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > KEPT_LINES_MAX) this.#lines.shift();
    for (const listener of this.#listeners) listener(line);
  }
}
