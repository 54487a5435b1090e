import { SeededRandom } from '@walq/conformance';

/** What the fuzzer draws. */
export class Random extends SeededRandom {
  /** Undefined only for an empty list. */
  pick<T>(things: readonly T[]): T | undefined {
    return things[this.below(things.length)];
  }
}
