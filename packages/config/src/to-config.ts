import { resolve } from 'node:path';
import {
  type DictionarySetting,
  type ArchiveSettings,
  compilePattern,
  directorySource,
  logSource,
  postgresSource,
  type Source,
} from '@walq/wal-core/internal';
import type { Config, ConfiguredSource } from './config.ts';
import type { ConfigurationTable } from './schema.ts';
import type { Settings } from './settings.ts';
import { parseArchiveUrl } from './archive-url.ts';
import type { SourceTable } from './source-table.ts';

/** Values that come from the host or from other files. */
interface Found {
  /** The default parallelism. */
  readonly cores: number;
  readonly archiveSettings: ArchiveSettings;
}

/** Converts the checked tables to the types of the domain. */
export function toConfig(
  table: ConfigurationTable,
  settings: Settings,
  { cores, archiveSettings }: Found,
): Omit<Config, 'file'> {
  return {
    queue: {
      name: table.queue.name,
      batch: { segmentsMax: table.queue.batch_segments, bytesMax: table.queue.batch_bytes },
    },
    wal: {
      conservativeMode: table.wal.conservative_mode,
      archiveParallelism: table.wal.archive_parallelism ?? cores,
      archiveNice: table.wal.archive_nice,
      archiveAsync: table.wal.archive_async,
    },
    compression: { level: table.compression.level, dictionary: dictionaryOf(table, settings) },
    archive: {
      url: archiveUrlAt(settings, ['archive', 'url'], table.archive.url),
      settings: archiveSettings,
    },
    sources: configuredSources(table, settings, archiveSettings),
    worker: { shutdownGraceMs: table.worker.shutdown_grace },
    metrics: { listen: table.metrics.listen, allowedHosts: table.metrics.allowed_hosts },
    telemetry: table.telemetry,
    log: table.log,
  };
}

function dictionaryOf({ compression }: ConfigurationTable, settings: Settings): DictionarySetting {
  const { dictionary } = compression;
  if (dictionary === 'off' || dictionary === 'train') return dictionary;
  const { baseDirectory } = settings.originOf(['compression', 'dictionary']);
  return { path: resolve(baseDirectory, dictionary) };
}

/** Converts the checked tables `[sources.<name>]` to sources. */
export function configuredSources(
  table: ConfigurationTable,
  settings: Settings,
  archiveSettings: ArchiveSettings,
): readonly ConfiguredSource[] {
  const common = archiveUrlAt(settings, ['archive', 'url'], table.archive.url);
  return Object.entries(table.sources).map(([name, source]) => ({
    ...sourceOf(name, source, (key) => settings.originOf(['sources', name, key]).baseDirectory),
    archiveSettings,
    archiveUrl: known(
      archiveUrlAt(settings, ['sources', name, 'archive'], source.archive) ?? common,
    ),
  }));
}

/** Relative paths start from the directory of the file that contains them. */
function sourceOf(name: string, table: SourceTable, baseOf: (key: string) => string): Source {
  const directory = resolve(baseOf('path'), table.path);
  const afterArchive = table.after_archive;
  if (table.type === 'log') return logSource({ name, directory, afterArchive });
  if (table.type === 'postgres') {
    const stateDirectory = table.state && resolve(baseOf('state'), table.state);
    return postgresSource({ name, dataDirectory: directory, stateDirectory });
  }
  return directorySource({
    name,
    directory,
    pattern: table.pattern === undefined ? undefined : compilePattern(table.pattern),
    numberBase: table.number_base,
    skipNewest: table.skip_newest,
    afterArchive,
    consecutive: table.consecutive,
  });
}

/** The URL of a configured archive. A relative path starts from the directory of the file that contains it. */
export function archiveUrlAt(
  settings: Settings,
  path: readonly string[],
  text: string | undefined,
): string | undefined {
  if (text === undefined) return undefined;
  return parseArchiveUrl(text, settings.originOf(path).baseDirectory);
}

function known(url: string | undefined): string {
  if (url === undefined) throw new Error('a source without an archive passed the checks');
  return url;
}
