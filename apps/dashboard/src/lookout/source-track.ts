/** What was seen of one source over time: enough for rates, for the time until full, and for charts. */
import type { SourceFigures } from '@walq/wal-core/internal';
import type { History } from '../state/page-state.ts';
import { fullInS, type FreeSample } from './full-in.ts';
import { ratesOf, type Rates } from './rates.ts';

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
