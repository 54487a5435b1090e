/**
 * Where one source stands with its level: `unknown` (nothing measured yet), `chosen`, or due again. All of
 * it is in memory and may be forgotten: a process that begins anew measures anew.
 */
import type { LevelMeasurements, LevelMeasurement } from '../codec/measure-levels.ts';

/** As configured: a zstd level from 1 to 19, or `auto`, which measures for each source which one pays. */
export type Level = number | 'auto';

/** Levels that `auto` chooses among: none is slower than the one that is used without it. */
export const AUTO_LEVELS: readonly number[] = [1, 2, 3];

/**
 * A shorter segment is not measured: its levels hardly differ, and measuring would take longer than archiving
 * it. It also keeps PostgreSQL's history files from deciding for its WAL.
 */
export const MEASURED_BYTES_MIN = 16 * 1024;

/** Where nothing was measured, or nothing could be: zstd's own default. */
export const FALLBACK_LEVEL = 3;

/** A trial costs some 30 ms at most: for that, ten minutes of any source's work are enough. */
const REMEASURE_AFTER_MS = 10 * 60_000;
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

  choose({ measurements, sampleBytes }: LevelMeasurements, nowMs: number): void {
    this.#level = chooseLevel(measurements, this.#level);
    this.#watch = new RatioWatch(SAMPLES_IN_WINDOW * sampleBytes);
    this.#isShort = false;
    this.#dueAtMs = nowMs + REMEASURE_AFTER_MS;
  }

  /** Goes on as before: with the level in use, or the fallback. */
  keepLevel(nowMs: number): void {
    this.#dueAtMs = nowMs + REMEASURE_AFTER_MS;
  }

  /** As `goOn`, until a segment comes that is long enough to be measured. */
  keepUntilLonger(nowMs: number): void {
    this.keepLevel(nowMs);
    this.#isShort = true;
  }

  /** A segment was compressed with this level. */
  note(level: number, sizes: CompressedSizes): void {
    const isLonger = this.#isShort && sizes.bytes >= MEASURED_BYTES_MIN;
    const hasDrifted = level === this.#level && this.#watch?.hasDrifted(sizes) === true;
    if (isLonger || hasDrifted) this.#dueAtMs = -Infinity;
  }
}

// The choice among measured levels: the fastest whose ratio is within 1% of the best. A pure function of
// the trials and of the level in use.
//
// Sizes are exact, times are not: the machine does other work meanwhile. So the sizes say which levels are
// fit, and times are compared slice by slice, where the median outlives the slices that were interrupted.

/** How much of the best ratio may be given up for speed. */
const LOSS_MAX = 0.01;
/** How near the best a level must be to take the place of one that is fit still: none swings at the edge. */
const LOSS_MAX_TO_CHANGE = 0.0075;
/** A higher level is mostly the slower one, so it has to be this much faster to be believed. */
const CLEARLY_FASTER = 0.9;

/** Of at least one trial. */
export function chooseLevel(measurements: readonly LevelMeasurement[], inUse?: number): number {
  const fit = fitLevels(measurements, inUse).toSorted((a, b) => a.level - b.level);
  const chosen = fit.reduce((lower, higher) => {
    const needed = higher.level === inUse ? 1 : CLEARLY_FASTER;
    return relativeTime(higher, lower) < needed ? higher : lower;
  });
  return chosen.level;
}

function fitLevels(
  measurements: readonly LevelMeasurement[],
  inUse: number | undefined,
): LevelMeasurement[] {
  const least = Math.min(...measurements.map(({ bytes }) => bytes));
  const loss = ({ bytes }: LevelMeasurement): number => 1 - least / bytes;
  const isInUse = ({ level }: LevelMeasurement): boolean => level === inUse;
  const stays = measurements.some(
    (measurement) => isInUse(measurement) && loss(measurement) <= LOSS_MAX,
  );
  return measurements.filter(
    (measurement) =>
      loss(measurement) <= (stays && !isInUse(measurement) ? LOSS_MAX_TO_CHANGE : LOSS_MAX),
  );
}

/** Below 1 where `a` is the faster; 1 where no clock could tell. */
function relativeTime(a: LevelMeasurement, b: LevelMeasurement): number {
  const shares = a.sliceMs.flatMap((ms, slice) => {
    const other = b.sliceMs[slice] ?? 0;
    return ms > 0 && other > 0 ? [ms / other] : [];
  });
  return median(shares) ?? 1;
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}

export interface CompressedSizes {
  readonly bytes: number;
  readonly objectBytes: number;
}

/** Segments differ by some percent among themselves; other contents differ by more. */
const DRIFT_MAX = 1.25;

/** Notices that a source's segments compress otherwise than they did, and so may want another level. */
class RatioWatch {
  readonly #windowBytes: number;
  #window = { bytes: 0, objectBytes: 0 };
  /** The ratio of the first window: the one that the level was chosen for. */
  #first: number | undefined;

  constructor(windowBytes: number) {
    this.#windowBytes = windowBytes;
  }

  /** True when a window is full, and its ratio another than that of the first. */
  hasDrifted({ bytes, objectBytes }: CompressedSizes): boolean {
    this.#window.bytes += bytes;
    this.#window.objectBytes += objectBytes;
    if (this.#window.bytes < this.#windowBytes) return false;
    const ratio = this.#window.bytes / this.#window.objectBytes;
    this.#window = { bytes: 0, objectBytes: 0 };
    this.#first ??= ratio;
    return Math.max(ratio / this.#first, this.#first / ratio) > DRIFT_MAX;
  }
}
