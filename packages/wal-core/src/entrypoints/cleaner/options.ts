import { availableParallelism } from 'node:os';
import { processName } from '../../base/process-name.ts';
import { describeDictionary, type DictionaryEvent } from '../../archive/dictionaries.ts';
import type { DictionarySetting } from '../../codec/dictionary.ts';
import { describeLevel, type LevelEvent } from '../../pipeline/levels.ts';
import { FALLBACK_LEVEL, type Level } from '../../pipeline/source-level.ts';
import type { BatchLogger } from '../../pipeline/report.ts';
import type { ArchiveSettings } from '../../store/s3/settings.ts';
import type { Source } from '../../source/source.ts';
import { namingOf, type NamingRule } from '../../source/naming.ts';

export interface CleanupOptions {
  readonly source: Source;
  /** Where the archive is: `file:///srv/wal-archive`, or `s3://bucket/prefix`. */
  readonly archiveUrl: string;
  /** How archives are reached: needed for S3, see `archiveSettings`. */
  readonly archiveSettings?: ArchiveSettings;
  /** Segments at once. Default: the cores. */
  readonly parallelism?: number;
  /**
   * Scheduling priority of the threads, on Linux: 0, that of the engine, to 19, the lowest. It costs nothing
   * while a core is idle. Not of `cleanupUpToSync`, for which the engine waits. Default 10.
   */
  readonly nice?: number;
  /**
   * zstd level, 1 to 19, or `auto`: the fastest within 1% of the best ratio of 1 to 3, measured on the
   * source's own segments by each cleaner. Default 3.
   */
  readonly level?: Level;
  /**
   * zstd dictionary: `off`, `train` for the one that `walq train` stored for the source last, or a file. It
   * is kept in the archive. Default `off`.
   */
  readonly dictionary?: DictionarySetting;
  /** Told of which dictionary is used, and of one that cannot be. Not by `cleanupUpToSync`. */
  readonly onDictionary?: (event: DictionaryEvent) => void;
  /** Prove each object by reading it back before its source is deleted. Default true. */
  readonly conservative?: boolean;
  /** With level `auto`: told of what was chosen, and of what could not be measured. Not by `cleanupUpToSync`. */
  readonly onLevel?: (event: LevelEvent) => void;
  /** Gets one line for each call, and for what `onLevel` and `onDictionary` are told. Default none. */
  readonly logger?: BatchLogger;
}

export function cleanupOptions(options: CleanupOptions) {
  const { logger, onLevel, onDictionary } = options;
  return {
    source: options.source,
    archiveUrl: options.archiveUrl,
    archiveSettings: options.archiveSettings,
    parallelism: options.parallelism ?? availableParallelism(),
    nice: options.nice ?? 10,
    level: options.level ?? FALLBACK_LEVEL,
    dictionary: options.dictionary ?? 'off',
    onDictionary: (event: DictionaryEvent) => {
      onDictionary?.(event);
      logger?.info(...describeDictionary(event));
    },
    conservative: options.conservative ?? true,
    onLevel: (event: LevelEvent) => {
      onLevel?.(event);
      logger?.info(...describeLevel(event));
    },
    worker: processName(),
  };
}

// Cleanup options as plain data, for the thread behind `cleanupUpToSync`.

export type PlainCleanup = Omit<
  CleanupOptions,
  'source' | 'logger' | 'onLevel' | 'onDictionary'
> & {
  readonly source: Omit<Source, 'naming'> & { readonly naming: NamingRule };
};

export function toPlain({
  source,
  logger: _stays,
  onLevel: _too,
  onDictionary: _andThis,
  ...rest
}: CleanupOptions): PlainCleanup {
  return { ...rest, source: { ...source, naming: source.naming.rule } };
}

export const fromPlain = (plain: PlainCleanup): CleanupOptions => ({
  ...plain,
  source: { ...plain.source, naming: namingOf(plain.source.naming) },
});
