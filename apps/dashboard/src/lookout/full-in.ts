/** When a disk is full, should its free space go on as it did. */
export interface FreeSample {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly freeBytes: number;
}

const SPAN_MS_MIN = 60_000;
/** What was watched for less than this may be a burst: nothing is told that lies farther ahead than some times as long. */
const TREND_MS = 600_000;
const AHEAD_TIMES_MAX = 15;
/** Farther away than this is no time to name. */
const FAR_S = 365 * 86_400;

/** Seconds, by least squares over some samples in order; 'never' when it does not fill, null before it can be told. */
export function fullInS(samples: readonly FreeSample[]): number | 'never' | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return null;
  const spanMs = last.at - first.at;
  if (spanMs < SPAN_MS_MIN) return null;
  const bytesPerS = slopeOf(samples);
  if (bytesPerS >= 0) return 'never';
  const seconds = last.freeBytes / -bytesPerS;
  if (spanMs < TREND_MS && seconds * 1_000 > AHEAD_TIMES_MAX * spanMs) return null;
  return seconds > FAR_S ? 'never' : seconds;
}

/** Bytes a second. */
function slopeOf(samples: readonly FreeSample[]): number {
  const mean = (of: (sample: FreeSample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [meanAt, meanFree] = [mean(({ at }) => at), mean(({ freeBytes }) => freeBytes)];
  const above = mean(({ at, freeBytes }) => (at - meanAt) * (freeBytes - meanFree));
  const below = mean(({ at }) => (at - meanAt) ** 2);
  return below === 0 ? 0 : (above / below) * 1_000;
}
