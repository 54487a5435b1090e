/** Keeps recent figures of one source, for rates, the time until its disks are full, and the charts. */
import type { SourceFigures } from '@walq/wal-core/internal';
import type { History } from '../state/page-state.ts';

const RATE_SPAN_MS = 300_000;
const FULL_SPAN_MS = 900_000;
const HISTORY_EVERY_MS = 30_000;
/** Six hours. */
const HISTORY_MAX = 720;

type Point = { readonly [Column in keyof History]: History[Column][number] };

export class SourceTrack {
  #recent: SourceFigures[] = [];
  #history: Point[] = [];

  /** Records each snapshot once, however often it is passed. */
  record(figures: SourceFigures, segmentBytes: number): void {
    const at = Date.parse(figures.takenAt);
    if (figures.takenAt === this.#recent.at(-1)?.takenAt) return;
    this.#recent = [...this.#recent.filter((one) => isWithin(one, at, FULL_SPAN_MS)), figures];
    if (at - (this.#history.at(-1)?.at ?? 0) < HISTORY_EVERY_MS) return;
    this.#history = [...this.#history.slice(1 - HISTORY_MAX), this.#pointOf(figures, segmentBytes)];
  }

  rates(): Rates | null {
    const at = Date.parse(this.#recent.at(-1)?.takenAt ?? '');
    return ratesOf(this.#recent.filter((one) => isWithin(one, at, RATE_SPAN_MS)));
  }

  fullInS(place: 'sourceSpace' | 'archiveSpace'): number | 'never' | null {
    const samples = this.#recent.flatMap((one): FreeSample[] => {
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

/** Segments per second, from successive snapshots of disk and archive. */
interface Rates {
  readonly arrivalSegments: number;
  readonly archiveSegments: number;
}

type Counted = Pick<
  SourceFigures,
  'takenAt' | 'dueSegments' | 'archivedSegments' | 'quarantinedSegments'
>;

/** Snapshots closer together than this give no usable rate. */
const RATE_SPAN_MS_MIN = 4_000;

/**
 * Rates between the first and the last of some snapshots, which are in time order; null for fewer than two. Objects
 * removed from the archive do not make a rate negative.
 */
export function ratesOf(snapshots: readonly Counted[]): Rates | null {
  const [first, last] = [snapshots[0], snapshots.at(-1)];
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

/** Seconds until the backlog is empty; 'never' if segments arrive at least as fast as the archiving. */
export function drainedInS(backlog: number, rates: Rates | null): number | 'never' | null {
  if (backlog === 0) return 0;
  if (rates === null) return null;
  const net = rates.archiveSegments - rates.arrivalSegments;
  return net > 0 ? backlog / net : 'never';
}

/** Free space of a disk at a time. */
interface FreeSample {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly freeBytes: number;
}

const TREND_MS_MIN = 60_000;
/** Samples over less time than this may show a burst: the forecast then reaches only AHEAD_TIMES_MAX times as far. */
const TREND_MS = 600_000;
const AHEAD_TIMES_MAX = 15;
/** A forecast farther ahead than this counts as 'never'. */
const FAR_S = 365 * 86_400;

/** Seconds until full, by least squares over samples in time order; 'never' when it does not fill, null when unknown. */
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

/** Bytes per second. */
function slopeOf(samples: readonly FreeSample[]): number {
  const mean = (of: (sample: FreeSample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [meanAt, meanFree] = [mean(({ at }) => at), mean(({ freeBytes }) => freeBytes)];
  const above = mean(({ at, freeBytes }) => (at - meanAt) * (freeBytes - meanFree));
  const below = mean(({ at }) => (at - meanAt) ** 2);
  return below === 0 ? 0 : (above / below) * 1_000;
}
