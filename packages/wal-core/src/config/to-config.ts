import type { Config } from './config.ts';
import { archiveUrlAt, configuredSources } from './configured-sources.ts';
import type { ConfigurationTable } from './schema.ts';
import type { Settings } from './settings.ts';

/** The checked tables in the words of the domain; `cores` is the default parallelism. */
export function toConfig(
  table: ConfigurationTable,
  settings: Settings,
  cores: number,
): Omit<Config, 'file' | 'redis'> {
  return {
    queue: table.queue,
    wal: {
      conservativeMode: table.wal.conservative_mode,
      archiveParallelism: table.wal.archive_parallelism ?? cores,
      archiveAsync: table.wal.archive_async,
    },
    compression: table.compression,
    archive: { url: archiveUrlAt(settings, ['archive', 'url'], table.archive.url) },
    sources: configuredSources(table, settings),
    producer: { health: table.producer.health },
    worker: { health: table.worker.health },
    dashboard: { listen: table.dashboard.listen, readOnly: table.dashboard.read_only },
    log: table.log,
  };
}
