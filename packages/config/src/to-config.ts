import { resolve } from 'node:path';
import type { DictionarySetting, ArchiveSettings } from '@walq/wal-core/internal';
import type { Config } from './config.ts';
import { archiveUrlAt, configuredSources } from './configured-sources.ts';
import type { ConfigurationTable } from './schema.ts';
import type { Settings } from './settings.ts';

/** What has to be asked of the machine, or read from other files. */
interface Found {
  /** The default parallelism. */
  readonly cores: number;
  readonly archiveSettings: ArchiveSettings;
}

/** The checked tables in the words of the domain. */
export function toConfig(
  table: ConfigurationTable,
  settings: Settings,
  { cores, archiveSettings }: Found,
): Omit<Config, 'file'> {
  return {
    queue: table.queue,
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
