import { SeededRandom } from '@walq/conformance';

/** What a history draws. */
export class Random extends SeededRandom {
  constructor(seed: number) {
    super(seed ^ 0x5bd1e995);
    // Seeds that follow one another would begin alike.
    this.next();
  }

  /** A whole number from `min` to `max`, inclusive. */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(things: readonly T[]): T {
    const thing = things[this.below(things.length)];
    if (thing === undefined) throw new RangeError('nothing to pick from');
    return thing;
  }
}
