import {
  archiveKeyOf,
  keyPath,
  readManifest,
  WalqError,
  type ArchiveKey,
  type Manifest,
} from '@walq/wal-core/internal';
import { printable } from '@walq/wal-core/printable';
import {
  archivedSources,
  type ArchivedSource,
  type ArchiveOptions,
} from '../sources/archived-sources.ts';
import { archiveOption } from '../command-line/arguments.ts';
import type { CliCommand } from '../command-line/command.ts';
import { showBytes, showRatio } from '../terminal/human.ts';
import { print, printJson, printLines } from '../terminal/print.ts';

interface ShowOptions extends ArchiveOptions {
  readonly source?: string;
}

/** The fields of `walq list`, and the manifest. */
interface Shown {
  readonly source: string;
  readonly segment: string;
  readonly bytes: number;
  readonly objectBytes: number;
  readonly sourceChecksum: Manifest['sourceChecksum'];
  readonly archivedAt: string;
  readonly key: string;
  readonly archive: string;
  readonly manifest: Manifest;
}

export const command: CliCommand<ShowOptions> = {
  examples: ['walq show wal-000042.bin --source ledger'],

  define(program) {
    program
      .argument('<segment>', 'name of the segment')
      .option('--source <source>', 'only from this source (default: from every source that has it)')
      .addOption(archiveOption());
  },

  async run(call) {
    const [segment = ''] = call.args;
    const sources = await archivedSources(call, call.options.source);
    const found: Shown[] = [];
    for (const source of sources) found.push(...(await find(source, segment)));
    if (found.length === 0) throw notArchived(segment, sources);
    for (const shown of found) await (call.json ? printJson(shown) : printShown(shown));
  },
};

async function find({ name, naming, store }: ArchivedSource, segment: string): Promise<Shown[]> {
  const parsed = naming.parse(segment);
  if (parsed === undefined) return [];
  const key: ArchiveKey = archiveKeyOf(name, parsed);
  const stat = await store.stat(key);
  const manifest = await readManifest(store, key);
  if (stat === undefined || manifest === undefined) return [];
  const { bytes, sourceChecksum, archivedAt } = manifest;
  const listed = { bytes, objectBytes: stat.sizeBytes, sourceChecksum, archivedAt };
  return [{ source: name, segment, ...listed, key: keyPath(key), archive: store.url, manifest }];
}

async function printShown({ archive, key, objectBytes, manifest }: Shown): Promise<void> {
  const { bytes, sourceChecksum: checksum } = manifest;
  const facts: [string, string][] = [
    ['segment', manifest.segment],
    ['source', `${manifest.source} (${manifest.sourceId})`],
    ['archive', `${archive} ${key}`],
    ['bytes', `${bytes} (${showBytes(bytes)})`],
    ['stored', `${objectBytes} (${showBytes(objectBytes)}, ${showRatio(bytes / objectBytes)})`],
    ['checksum', `${checksum.algorithm} ${checksum.value}`],
    ['level', String(manifest.level)],
    ['dictionary', manifest.dictionary ?? 'none'],
    ['format', manifest.format],
    ['positions', `${manifest.firstPosition ?? '–'} to ${manifest.lastPosition ?? '–'}`],
    ['sealed', manifest.sealedAt],
    ['archived', `${manifest.archivedAt} by ${manifest.worker}`],
  ];
  await printLines(facts.map(([name, value]) => `${name.padEnd(10)} ${printable(value)}`));
  await print('');
}

function notArchived(segment: string, sources: readonly ArchivedSource[]): WalqError {
  const names = sources.map((source) => source.name).join(', ');
  return new WalqError('object-missing', {
    message: `the segment '${segment}' is not in the archive of ${names || 'any source'}`,
  });
}
