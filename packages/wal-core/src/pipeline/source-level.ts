/**
 * The compression level of one source: unknown (nothing measured yet), chosen, or due to be measured again. It is kept
 * in memory only; a new process measures again.
 */
import type { LevelMeasurements, LevelMeasurement } from '../codec/measure-levels.ts';

/** As configured: a zstd level from 1 to 19, or `auto`, which measures the best level for each source. */
export type Level = number | 'auto';

/** Levels that `auto` chooses among. None is slower than the default. */
export const AUTO_LEVELS: readonly number[] = [1, 2, 3];

/**
 * Shorter segments are not measured: their levels hardly differ, and measuring would take longer than archiving.
 * PostgreSQL's
 * history files therefore never decide the level of its WAL.
 */
export const MEASURED_BYTES_MIN = 16 * 1024;

/** Used while nothing could be measured: zstd's own default. */
export const FALLBACK_LEVEL = 3;

/** A measurement takes about 30 ms at most, so one in ten minutes is negligible. */
const REMEASURE_AFTER_MS = 10 * 60_000;
/** A drift is noticed after two windows at the earliest, so that a source that varies is not measured all the time. */
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

  /** Keeps the current level, or the fallback, until the next measurement. */
  keepLevel(nowMs: number): void {
    this.#dueAtMs = nowMs + REMEASURE_AFTER_MS;
  }

  /** As `keepLevel`, but measures as soon as a segment is long enough. */
  keepUntilLonger(nowMs: number): void {
    this.keepLevel(nowMs);
    this.#isShort = true;
  }

  note(level: number, sizes: CompressedSizes): void {
    const isLonger = this.#isShort && sizes.bytes >= MEASURED_BYTES_MIN;
    const hasDrifted = level === this.#level && this.#watch?.hasDrifted(sizes) === true;
    if (isLonger || hasDrifted) this.#dueAtMs = -Infinity;
  }
}

// Chooses the fastest measured level whose ratio is within 1% of the best. A pure function of the measurements and the
// current level.
//
// Sizes are exact, times are not, because the machine does other work. So sizes decide which levels qualify, and times
// are compared slice by slice: the median is robust against slices that were interrupted.

/** How much worse than the best ratio a level may be. */
const LOSS_MAX = 0.01;
/** How close to the best a level must be to replace one that still qualifies. Prevents oscillation at the edge. */
const LOSS_MAX_TO_CHANGE = 0.0075;
/** A higher level is usually slower, so it must be this much faster to be chosen. */
const CLEARLY_FASTER = 0.9;

/** Needs at least one measurement. */
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

/** Below 1 where `a` is faster; 1 where the clock shows no difference. */
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

/** Segments of the same content differ by a few percent; other content differs by more. */
const DRIFT_MAX = 1.25;

/** Notices that a source's segments compress differently than before, so that another level may be better. */
class RatioWatch {
  readonly #windowBytes: number;
  #window = { bytes: 0, objectBytes: 0 };
  /** The ratio of the first window, which the level was chosen for. */
  #first: number | undefined;

  constructor(windowBytes: number) {
    this.#windowBytes = windowBytes;
  }

  /** True when a window is full and its ratio differs from that of the first window. */
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
