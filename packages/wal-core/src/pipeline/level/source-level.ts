/**
 * Where one source stands with its level: `unknown` (nothing measured yet), `chosen`, or due again. All of
 * it is in memory and may be forgotten: a process that begins anew measures anew.
 */
import type { LevelTrials } from '../../codec/try-levels.ts';
import { chooseLevel } from './choose-level.ts';
import { FALLBACK_LEVEL, MEASURED_BYTES_MIN } from './level.ts';
import { RatioWatch, type CompressedSizes } from './ratio-watch.ts';

/** A trial costs some 30 ms at most: for that, ten minutes of any source's work are enough. */
const AGAIN_AFTER_MS = 10 * 60_000;
/** A drift is noticed after two windows at the earliest, so that a restless source is not measured all the time. */
const SAMPLES_IN_WINDOW = 128;

export class SourceLevel {
  #level: number | undefined;
  #dueAtMs = -Infinity;
  #watch: RatioWatch | undefined;
  #isShort = false;

  get isKnown(): boolean {
    return this.#level !== undefined;
  }

  get level(): number {
    return this.#level ?? FALLBACK_LEVEL;
  }

  isDue(nowMs: number): boolean {
    return nowMs >= this.#dueAtMs;
  }

  choose({ trials, sampleBytes }: LevelTrials, nowMs: number): void {
    this.#level = chooseLevel(trials, this.#level);
    this.#watch = new RatioWatch(SAMPLES_IN_WINDOW * sampleBytes);
    this.#isShort = false;
    this.#dueAtMs = nowMs + AGAIN_AFTER_MS;
  }

  /** Goes on as before: with the level in use, or the fallback. */
  goOn(nowMs: number): void {
    this.#dueAtMs = nowMs + AGAIN_AFTER_MS;
  }

  /** As `goOn`, until a segment comes that is long enough to be measured. */
  goOnWhileShort(nowMs: number): void {
    this.goOn(nowMs);
    this.#isShort = true;
  }

  /** A segment was compressed with this level. */
  note(level: number, sizes: CompressedSizes): void {
    const isLonger = this.#isShort && sizes.bytes >= MEASURED_BYTES_MIN;
    const hasDrifted = level === this.#level && this.#watch?.hasDrifted(sizes) === true;
    if (isLonger || hasDrifted) this.#dueAtMs = -Infinity;
  }
}
