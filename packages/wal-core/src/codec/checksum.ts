/** The source checksum: XXH3 with 64 bits, as `xxhsum -H3` prints it. */
import { xxh3 } from '../base/native.ts';
import type { SourceChecksum } from './source-checksum.ts';

export class RunningChecksum {
  readonly #state = xxh3.Xxh3.withSeed();

  update(chunk: Uint8Array): void {
    this.#state.update(chunk);
  }

  /** Starts again, for the next content. */
  reset(): void {
    this.#state.reset();
  }

  finish(): SourceChecksum {
    return { algorithm: 'xxh3-64', value: this.#state.digest().toString(16).padStart(16, '0') };
  }
}
