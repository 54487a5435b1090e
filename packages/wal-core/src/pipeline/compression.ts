/** Chooses the level and the dictionary of a batch. No failure here fails a segment. */
import { basename } from 'node:path';
import { createDictionaries, type DictionariesOptions } from '../archive/dictionaries.ts';
import type { Stop } from '../codec/thread-signals.ts';
import { segmentPath, type Source } from '../source/source.ts';
import type { ArchiveStore } from '../store/store.ts';
import { createLevels, type LevelsOptions } from './levels.ts';
import type { SegmentReport } from './report.ts';
import type { Compression } from './segment-run.ts';

export type CompressionOptions = Omit<LevelsOptions, 'now'> & Omit<DictionariesOptions, 'now'>;

export interface CompressionChoice {
  /** Rejects only if a listener throws. */
  choose(batch: BatchToCompress): Promise<Compression>;
  /** Reports what became of a segment that was compressed so. */
  note(source: Source, compression: Compression, report: SegmentReport): void;
}

interface BatchToCompress {
  readonly source: Source;
  readonly store: ArchiveStore;
  /** With level `auto`, levels are measured on it. A name from a job: it is not trusted. */
  readonly segment: string;
  readonly signal: Stop;
}

export function createCompressionChoice(options: CompressionOptions): CompressionChoice {
  const levels = createLevels(options);
  const dictionaries = createDictionaries(options);
  return {
    choose: async ({ source, store, segment, signal }) => {
      const dictionary = await dictionaries.dictionaryOf(source.name, store);
      const path = segmentPath(source, basename(segment));
      return { level: await levels.levelOf({ source, path, dictionary }, signal), dictionary };
    },
    note: (source, { level }, { outcome, bytesIn, bytesOut }) => {
      if (outcome !== 'archived') return;
      levels.note(source, level, { bytes: bytesIn, objectBytes: bytesOut });
    },
  };
}
