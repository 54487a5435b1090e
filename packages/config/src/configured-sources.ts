/** From the tables `[sources.<name>]`, once they are known to be right, to the sources of the domain. */
import { join, resolve } from 'node:path';
import {
  anyNumberedNaming,
  compilePattern,
  logNaming,
  patternNaming,
  postgresNaming,
  type SegmentNaming,
  type Source,
  type ArchiveSettings,
} from '@walq/wal-core/internal';
import { parseArchiveUrl } from './archive-url.ts';
import type { ConfiguredSource } from './config.ts';
import type { ConfigurationTable } from './schema.ts';
import type { Settings } from './settings.ts';
import type { SourceTable } from './source-schema.ts';

/** PostgreSQL's default; the data directory, once it is opened, says how long they are. */
const USUAL_SEGMENT_BYTES = 16 * 1024 * 1024;

export function configuredSources(
  table: ConfigurationTable,
  settings: Settings,
  archiveSettings: ArchiveSettings,
): readonly ConfiguredSource[] {
  const common = archiveUrlAt(settings, ['archive', 'url'], table.archive.url);
  return Object.entries(table.sources).map(([name, source]) => ({
    name,
    ...placesOf(source, (key) => settings.originOf(['sources', name, key]).baseDirectory),
    type: source.type,
    naming: namingOf(source),
    consecutive:
      source.consecutive ?? (source.type !== 'directory' || source.pattern !== undefined),
    afterArchive: source.after_archive ?? (source.type === 'log' ? 'delete' : 'keep'),
    archiveSettings,
    archiveUrl: known(
      archiveUrlAt(settings, ['sources', name, 'archive'], source.archive) ?? common,
    ),
  }));
}

/** A path is taken from the folder of the file that says it. */
function placesOf(
  source: SourceTable,
  baseOf: (key: string) => string,
): Pick<Source, 'directory' | 'sealedRule'> {
  const path = resolve(baseOf('path'), source.path);
  if (source.type !== 'postgres') return { directory: path, sealedRule: sealedRuleOf(source) };
  const stateDirectory =
    source.state === undefined ? `${path}.walq` : resolve(baseOf('state'), source.state);
  return {
    directory: join(path, 'pg_wal'),
    sealedRule: { kind: 'ready', dataDirectory: path, stateDirectory },
  };
}

/** A written archive as a URL, taken from the folder of the file that says it. */
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

function namingOf(source: SourceTable): SegmentNaming {
  if (source.type === 'log') return logNaming;
  if (source.type === 'postgres') return postgresNaming(USUAL_SEGMENT_BYTES);
  if (source.pattern === undefined) return anyNumberedNaming;
  return patternNaming(compilePattern(source.pattern), source.number_base ?? 10);
}

function sealedRuleOf({ skip_newest: count }: SourceTable): ConfiguredSource['sealedRule'] {
  return count === undefined ? { kind: 'watermark' } : { kind: 'skip-newest', count };
}
