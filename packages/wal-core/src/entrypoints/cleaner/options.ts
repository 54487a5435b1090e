import { availableParallelism } from 'node:os';
import { processName } from '../../base/process-name.ts';
import { describeDictionary, type DictionaryEvent } from '../../archive/dictionaries.ts';
import type { DictionarySetting } from '../../codec/dictionary.ts';
import { describeLevel, type LevelEvent } from '../../pipeline/levels.ts';
import { FALLBACK_LEVEL, type Level } from '../../pipeline/source-level.ts';
import type { BatchLogger } from '../../pipeline/report.ts';
import type { ArchiveSettings } from '../../store/s3/settings.ts';
import type { Source } from '../../source/source.ts';
import { fromPlainSource, toPlainSource, type PlainSource } from '../../source/plain-source.ts';

export interface CleanupOptions {
  readonly source: Source;
  /** URL of the archive: `file:///srv/wal-archive`, or `s3://bucket/prefix`. */
  readonly archiveUrl: string;
  /** Connection settings of the archive. Needed for S3; see `archiveSettings`. */
  readonly archiveSettings?: ArchiveSettings;
  /** How many segments are archived at the same time. Default: the number of cores. */
  readonly parallelism?: number;
  /**
   * Nice value of the archiving threads on Linux, 0 to 19. `cleanupUpToSync` ignores it, because the engine waits for
   * it.
   * Default: 10.
   */
  readonly nice?: number;
  /**
   * zstd level, 1 to 19, or `auto`: the fastest of levels 1 to 3 whose ratio is within 1% of the best, measured by
   * each cleaner
   * on the source's own segments. Default: 3.
   */
  readonly level?: Level;
  /**
   * zstd dictionary: `off`, `train` for the one that `walq train` stored last for the source, or a file. It is stored
   * in the
   * archive. Default: `off`.
   */
  readonly dictionary?: DictionarySetting;
  /** Called when a dictionary comes into use, and when one cannot be used. Not called by `cleanupUpToSync`. */
  readonly onDictionary?: (event: DictionaryEvent) => void;
  /** Whether to prove each object by reading it back before its source is deleted. Default: true. */
  readonly conservative?: boolean;
  /**
   * With level `auto`: called when a level was chosen, and when levels could not be measured. Not called by
   * `cleanupUpToSync`.
   */
  readonly onLevel?: (event: LevelEvent) => void;
  /** Receives one line for each call, and one for each event of `onLevel` and `onDictionary`. Default: none. */
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

// Cleanup options as plain data, for the thread of `cleanupUpToSync`.

export type PlainCleanup = Omit<
  CleanupOptions,
  'source' | 'logger' | 'onLevel' | 'onDictionary'
> & {
  readonly source: PlainSource;
};

export function toPlain({
  source,
  logger: _stays,
  onLevel: _too,
  onDictionary: _andThis,
  ...rest
}: CleanupOptions): PlainCleanup {
  return { ...rest, source: toPlainSource(source) };
}

export const fromPlain = (plain: PlainCleanup): CleanupOptions => ({
  ...plain,
  source: fromPlainSource(plain.source),
});
