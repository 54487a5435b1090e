import {
  createCleaner,
  listQuarantine,
  nodeDisk,
  openStoreOf,
  type ArchiveDueOptions,
  type BatchReport,
  type DictionarySetting,
  type Level,
  type ListedRecord,
  type SegmentReport,
  type WalqError,
} from '@walq/wal-core/internal';
import { resolve } from 'node:path';
import { namedArchive, makeArchiveFor } from '../../sources/named-archive.ts';
import {
  concurrencyOption,
  integerBetween,
  levelOption,
  numberBaseOption,
} from '../../command-line/arguments.ts';
import { sourceFromArguments, type DirectoryOptions } from './directory-source.ts';
import type { Call, CliCommand } from '../../command-line/command.ts';
import { noteUnmeasured, noteUnused } from '../../terminal/notes.ts';
import { renderFailure } from '../../terminal/render-failure.ts';
import {
  showBytes,
  showCount,
  showDuration,
  showRatio,
  showThroughput,
} from '../../terminal/human.ts';
import { printErrorLines, print, printJson } from '../../terminal/print.ts';
import { showProgress } from '../../terminal/progress.ts';
import { assertMayWrite } from '../../sources/owner.ts';

interface ArchiveOptions extends DirectoryOptions {
  readonly to: string;
  readonly concurrency?: number;
  readonly level?: Level;
  readonly dictionary?: string;
}

export const command: CliCommand<ArchiveOptions> = {
  examples: [
    'walq archive /var/lib/ledger/wal --to /srv/wal-archive',
    'walq archive wal --to /srv/wal-archive --up-to wal-000042.bin --delete',
    'walq archive wal --to /srv/wal-archive --level auto',
  ],

  define(program) {
    program
      .argument('<dir>', 'the directory of the segments')
      .requiredOption('--to <url>', 'the archive: a file:// URL, a path, or s3://bucket/prefix')
      .option('--source <name>', 'name in the archive (default: the name of the directory)')
      .option('--pattern <regexp>', 'which files are segments; with one group (?<number>…)')
      .addOption(numberBaseOption())
      .option(
        '--skip-newest <n>',
        'skip the files with the n highest numbers, which the engine may still be writing (default: 1)',
        integerBetween(0, 1_000_000),
      )
      .option(
        '--up-to <segment>',
        'archive everything up to this segment, inclusive; all of it must be flushed',
      )
      .option(
        '--delete',
        'delete each source segment after its copy is verified (only with --up-to)',
      )
      .addOption(concurrencyOption())
      .addOption(levelOption())
      .option(
        '--dictionary <which>',
        '"train" for the dictionary that walq train stored, or a dictionary file (default: off)',
      );
  },

  async run(call) {
    const { report, quarantined } = await archive(call);
    await (call.json ? printJson(toJson(report, quarantined)) : printReport(report, quarantined));
    if (quarantined.length > 0 && !call.json) noteQuarantine(call.options.to, quarantined);
    return report.successCount === report.filesCount && quarantined.length === 0 ? undefined : 1;
  },
};

interface Archived {
  readonly report: BatchReport;
  /** Every segment of this source in quarantine, from this run or an earlier one: none of them is due. */
  readonly quarantined: readonly ListedRecord[];
}

async function archive(call: Call<ArchiveOptions>): Promise<Archived> {
  const { to, concurrency, level, dictionary, upTo } = call.options;
  const archivedAt = await namedArchive(call, to);
  const source = await sourceFromArguments(call.args[0] ?? '', call.options);
  await assertMayWrite(call, { ...source, ...archivedAt });
  await makeArchiveFor(source, archivedAt);
  const cleaner = createCleaner({
    source,
    ...archivedAt,
    ...(concurrency === undefined ? {} : { parallelism: concurrency }),
    ...(level === undefined ? {} : { level }),
    ...(dictionary === undefined ? {} : { dictionary: settingOf(dictionary) }),
    onLevel: noteUnmeasured,
    onDictionary: noteUnused,
  });
  try {
    const report = await withProgress(call, (progress) =>
      upTo === undefined ? cleaner.archiveDue(progress) : cleaner.cleanupUpTo(upTo, progress),
    );
    const store = openStoreOf(archivedAt, nodeDisk);
    return { report, quarantined: await listQuarantine(store, source.name) };
  } finally {
    await cleaner.close();
  }
}

const settingOf = (text: string): DictionarySetting =>
  text === 'off' || text === 'train' ? text : { path: resolve(text) };

async function withProgress(
  call: Call<ArchiveOptions>,
  work: (options: ArchiveDueOptions) => Promise<BatchReport>,
): Promise<BatchReport> {
  const progress = await showProgress({ doing: 'archiving', noun: 'segment', quiet: call.json });
  const onSegment = ({ segment }: SegmentReport, failure?: WalqError): void => {
    progress.advance(segment);
    if (failure !== undefined) printErrorLines(renderFailure(failure, call));
  };
  try {
    return await work({ signal: call.signal, onStart: (due) => progress.total(due), onSegment });
  } finally {
    progress.stop();
  }
}

const toJson = (report: BatchReport, quarantined: Archived['quarantined']) => ({
  ...report,
  quarantined: quarantined.map(({ segment, code, message }) => ({ segment, code, message })),
});

async function printReport(
  report: BatchReport,
  quarantined: Archived['quarantined'],
): Promise<void> {
  if (report.filesCount === 0) {
    return print(quarantined.length === 0 ? 'nothing is due' : 'nothing else is due');
  }
  const counts = `${report.successCount} of ${showCount(report.filesCount, 'segment')} archived`;
  const sizes = `${showBytes(report.bytesIn)} → ${showBytes(report.bytesOut)} (${showRatio(report.ratio)})`;
  const times = `${showDuration(report.durationMs)}, ${showThroughput(report.throughputMBps)}`;
  await print(`${counts}: ${sizes} in ${times}, ${showDuration(report.avgFileMs)} a segment`);
}

function noteQuarantine(archive: string, quarantined: Archived['quarantined']): void {
  const [first] = quarantined;
  const which = first && quarantined.length === 1 ? `, ${first.segment} (${first.code}),` : '';
  const lines = [
    `walq: ${showCount(quarantined.length, 'segment')}${which} ${quarantined.length === 1 ? 'is' : 'are'} in quarantine and not archived`,
    `  hint: Run: walq repair ${first?.source ?? ''} --archive ${archive}, which shows the reason.`,
  ];
  printErrorLines(lines.join('\n'));
}
