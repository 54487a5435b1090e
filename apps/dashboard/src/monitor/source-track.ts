/** What was seen of one source over time: enough for rates, for the time until full, and for charts. */
import type { SourceFigures } from '@walq/wal-core/internal';
import type { History } from '../state/page-state.ts';

const RATE_SPAN_MS = 300_000;
const FULL_SPAN_MS = 900_000;
const HISTORY_EVERY_MS = 30_000;
/** Six hours. */
const HISTORY_MAX = 720;

type Point = { readonly [Column in keyof History]: History[Column][number] };

export class SourceTrack {
  #looks: SourceFigures[] = [];
  #history: Point[] = [];

  /** A look that was noted before is not noted again. */
  note(figures: SourceFigures, segmentBytes: number): void {
    const at = Date.parse(figures.takenAt);
    if (figures.takenAt === this.#looks.at(-1)?.takenAt) return;
    this.#looks = [...this.#looks.filter((one) => isWithin(one, at, FULL_SPAN_MS)), figures];
    if (at - (this.#history.at(-1)?.at ?? 0) < HISTORY_EVERY_MS) return;
    this.#history = [...this.#history.slice(1 - HISTORY_MAX), this.#pointOf(figures, segmentBytes)];
  }

  rates(): Rates | null {
    const at = Date.parse(this.#looks.at(-1)?.takenAt ?? '');
    return ratesOf(this.#looks.filter((one) => isWithin(one, at, RATE_SPAN_MS)));
  }

  fullInS(place: 'sourceSpace' | 'archiveSpace'): number | 'never' | null {
    const samples = this.#looks.flatMap((one): FreeSample[] => {
      const freeBytes = one[place]?.freeBytes;
      return freeBytes === undefined ? [] : [{ at: Date.parse(one.takenAt), freeBytes }];
    });
    return fullInS(samples);
  }

  history(): History {
    const column = <Name extends keyof History>(name: Name) =>
      this.#history.map((point) => point[name]);
    return {
      at: column('at'),
      dueSegments: column('dueSegments'),
      dueBytes: column('dueBytes'),
      oldestAgeMs: column('oldestAgeMs'),
      arrivalBytes: column('arrivalBytes'),
      archiveBytes: column('archiveBytes'),
      sourceFreeBytes: column('sourceFreeBytes'),
      archiveFreeBytes: column('archiveFreeBytes'),
    };
  }

  #pointOf(figures: SourceFigures, segmentBytes: number): Point {
    const rates = this.rates();
    return {
      at: Date.parse(figures.takenAt),
      dueSegments: figures.dueSegments,
      dueBytes: figures.dueBytes,
      oldestAgeMs: figures.oldestDueAgeMs ?? 0,
      arrivalBytes: rates && rates.arrivalSegments * segmentBytes,
      archiveBytes: rates && rates.archiveSegments * segmentBytes,
      sourceFreeBytes: figures.sourceSpace?.freeBytes ?? null,
      archiveFreeBytes: figures.archiveSpace?.freeBytes ?? null,
    };
  }
}

const isWithin = ({ takenAt }: SourceFigures, at: number, spanMs: number): boolean =>
  at - Date.parse(takenAt) <= spanMs;

/** How fast segments arrive and are archived, from successive looks at disk and archive; segments a second. */
interface Rates {
  readonly arrivalSegments: number;
  readonly archiveSegments: number;
}

type Counted = Pick<
  SourceFigures,
  'takenAt' | 'dueSegments' | 'archivedSegments' | 'quarantinedSegments'
>;

/** Two looks that are closer together tell nothing. */
const RATE_SPAN_MS_MIN = 4_000;

/**
 * Segments a second between the first and the last of some looks, which are in order; null before two. What
 * is taken from the archive, by a person or by retention, is no negative rate.
 */
export function ratesOf(looks: readonly Counted[]): Rates | null {
  const [first, last] = [looks[0], looks.at(-1)];
  if (first === undefined || last === undefined) return null;
  const spanMs = Date.parse(last.takenAt) - Date.parse(first.takenAt);
  if (spanMs < RATE_SPAN_MS_MIN) return null;
  const perSecond = (count: number): number => Math.max(0, count) / (spanMs / 1_000);
  return {
    arrivalSegments: perSecond(allOf(last) - allOf(first)),
    archiveSegments: perSecond(last.archivedSegments - first.archivedSegments),
  };
}

const allOf = ({ dueSegments, archivedSegments, quarantinedSegments }: Counted): number =>
  dueSegments + archivedSegments + quarantinedSegments;

/** Seconds until a backlog is gone; 'never' when as much arrives as is archived. */
export function drainedInS(backlog: number, rates: Rates | null): number | 'never' | null {
  if (backlog === 0) return 0;
  if (rates === null) return null;
  const net = rates.archiveSegments - rates.arrivalSegments;
  return net > 0 ? backlog / net : 'never';
}

/** When a disk is full, should its free space go on as it did. */
interface FreeSample {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly freeBytes: number;
}

const TREND_MS_MIN = 60_000;
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
  if (spanMs < TREND_MS_MIN) return null;
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
