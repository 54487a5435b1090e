/**
 * Which level a segment is compressed with. With `auto`, the first segment of a source is compressed at every level
 * before
 * it is archived, and concurrent segments of the source wait for that. Later measurements do not make others wait.
 *
 * No failure here fails a segment: where nothing can be measured, the current level is used.
 */
import type { Dictionary } from '../codec/dictionary.ts';
import type { Stop } from '../codec/thread-signals.ts';
import { asWalqError, isWalqError, type WalqError } from '../base/failure/walq-error.ts';
import type { Threads } from '../threads/threads.ts';
import {
  AUTO_LEVELS,
  MEASURED_BYTES_MIN,
  SourceLevel,
  type Level,
  type CompressedSizes,
} from './source-level.ts';

/** What `onLevel` receives. */
export type LevelEvent =
  | {
      readonly kind: 'level-chosen';
      readonly source: string;
      readonly level: number;
      /** Null before the first choice. */
      readonly before: number | null;
    }
  | {
      /** Reported once; again only after a measurement succeeded in between. */
      readonly kind: 'level-not-measured';
      readonly source: string;
      /** The level that stays in use. */
      readonly level: number;
      readonly failure: WalqError;
    };

interface SegmentToLevel {
  readonly source: { readonly name: string };
  readonly path: string;
  /** The dictionary it will be compressed with. */
  readonly dictionary?: Dictionary | undefined;
}

export interface Levels {
  /** Rejects only if `onLevel` throws. */
  levelOf(segment: SegmentToLevel, signal: Stop): Promise<number>;
  /** Reports that a segment was compressed with this level. */
  note(source: { readonly name: string }, level: number, sizes: CompressedSizes): void;
}

export interface LevelsOptions {
  readonly level: Level;
  readonly threads: Threads;
  readonly onLevel?: ((event: LevelEvent) => void) | undefined;
  /** Monotonic clock, in milliseconds. @default performance.now */
  readonly now?: () => number;
}

export function createLevels({ level, ...options }: LevelsOptions): Levels {
  if (level === 'auto') return new AutoLevels(options);
  return { levelOf: () => Promise.resolve(level), note: () => undefined };
}

class AutoLevels implements Levels {
  readonly #options: Omit<LevelsOptions, 'level'>;
  readonly #sources = new Map<string, Measuring>();

  constructor(options: Omit<LevelsOptions, 'level'>) {
    this.#options = options;
  }

  async levelOf(segment: SegmentToLevel, signal: Stop): Promise<number> {
    const measuring = this.#measuringOf(segment.source);
    await measuring.ready(segment, signal);
    return measuring.level.level;
  }

  note(source: { readonly name: string }, level: number, sizes: CompressedSizes): void {
    this.#measuringOf(source).level.note(level, sizes);
  }

  #measuringOf({ name }: { readonly name: string }): Measuring {
    const known = this.#sources.get(name) ?? new Measuring(this.#options);
    this.#sources.set(name, known);
    return known;
  }
}

/** Measures one source; one measurement at a time. */
class Measuring {
  readonly level = new SourceLevel();
  readonly #options: Omit<LevelsOptions, 'level'>;
  #inFlight: Promise<void> | undefined;
  #failureLogged = false;

  constructor(options: Omit<LevelsOptions, 'level'>) {
    this.#options = options;
  }

  async ready(segment: SegmentToLevel, signal: Stop): Promise<void> {
    if (this.#inFlight !== undefined) {
      if (!this.level.isKnown) await this.#inFlight;
      return;
    }
    if (!this.level.isDue(this.#nowMs())) return;
    this.#inFlight = this.#measure(segment, signal);
    try {
      await this.#inFlight;
    } finally {
      this.#inFlight = undefined;
    }
  }

  async #measure({ source, path, dictionary }: SegmentToLevel, signal: Stop): Promise<void> {
    const before = this.level.isKnown ? this.level.level : null;
    try {
      const task = {
        sourcePath: path,
        dictionary,
        levels: AUTO_LEVELS,
        segmentBytesMin: MEASURED_BYTES_MIN,
      };
      const tried = await this.#options.threads.measureLevels(task, signal);
      if (tried.measurements.length === 0) return this.level.keepUntilLonger(this.#nowMs());
      this.level.choose(tried, this.#nowMs());
    } catch (error) {
      return this.#failed(source.name, asWalqError(error));
    }
    this.#failureLogged = false;
    const { level } = this.level;
    if (level === before) return;
    this.#options.onLevel?.({ kind: 'level-chosen', source: source.name, level, before });
  }

  /** A missing source or a cancelled job says nothing about the next segment. */
  #failed(source: string, failure: WalqError): void {
    if (isWalqError(failure, 'cancelled', 'source-missing')) return;
    this.level.keepLevel(this.#nowMs());
    if (this.#failureLogged) return;
    this.#failureLogged = true;
    const { level } = this.level;
    this.#options.onLevel?.({ kind: 'level-not-measured', source, level, failure });
  }

  #nowMs(): number {
    return (this.#options.now ?? (() => performance.now()))();
  }
}

/** The log line for an event: its fields and its message. */
export function describeLevel(event: LevelEvent): [fields: object, message: string] {
  const { source, level } = event;
  if (event.kind === 'level-chosen') {
    return [{ source, level, before: event.before }, 'compression level chosen'];
  }
  const { code, message, hint } = event.failure;
  return [
    { source, level, code, hint },
    `could not measure compression levels, using ${level}: ${message}`,
  ];
}
