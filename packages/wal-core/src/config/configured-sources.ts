/** From the tables `[sources.<name>]`, once they are known to be right, to the sources of the domain. */
import { resolve } from 'node:path';
import {
  anyNumberedNaming,
  compilePattern,
  logNaming,
  patternNaming,
  type SegmentNaming,
} from '../segment/index.ts';
import { parseArchiveUrl } from './archive-url.ts';
import type { ConfiguredSource } from './config.ts';
import type { ConfigurationTable } from './schema.ts';
import type { Settings } from './settings.ts';
import type { SourceTable } from './source-schema.ts';

export function configuredSources(
  table: ConfigurationTable,
  settings: Settings,
): readonly ConfiguredSource[] {
  const common = archiveUrlAt(settings, ['archive', 'url'], table.archive.url);
  return Object.entries(table.sources).map(([name, source]) => ({
    name,
    directory: resolve(settings.originOf(['sources', name, 'path']).baseDirectory, source.path),
    type: source.type,
    naming: namingOf(source),
    sealedRule: sealedRuleOf(source),
    consecutive: source.consecutive ?? (source.type === 'log' || source.pattern !== undefined),
    afterArchive: source.after_archive ?? (source.type === 'log' ? 'delete' : 'keep'),
    archiveUrl: known(
      archiveUrlAt(settings, ['sources', name, 'archive'], source.archive) ?? common,
    ),
  }));
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
  if (source.pattern === undefined) return anyNumberedNaming;
  return patternNaming(compilePattern(source.pattern), source.number_base ?? 10);
}

function sealedRuleOf({ skip_newest: count }: SourceTable): ConfiguredSource['sealedRule'] {
  return count === undefined ? { kind: 'watermark' } : { kind: 'skip-newest', count };
}
