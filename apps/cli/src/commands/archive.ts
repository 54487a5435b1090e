import {
  createCleaner,
  type ArchiveDueOptions,
  type BatchReport,
  type SegmentReport,
  type WalqError,
} from '@walq/wal-core';
import { readArchiveUrl } from '../archived-sources.ts';
import { concurrencyOption, examples, integerBetween, levelOption } from '../arguments.ts';
import { directorySource, type DirectoryOptions } from '../directory-source.ts';
import type { Call, CliCommand } from '../command.ts';
import { makeArchiveFor } from '../make-archive.ts';
import { renderFailure } from '../render-failure.ts';
import {
  showBytes,
  showCount,
  showDuration,
  showRatio,
  showThroughput,
} from '../terminal/human.ts';
import { note, print, printJson } from '../terminal/print.ts';
import { showProgress } from '../terminal/progress.ts';

interface ArchiveOptions extends DirectoryOptions {
  readonly to: string;
  readonly concurrency?: number;
  readonly level?: number;
}

export const command: CliCommand<ArchiveOptions> = {
  define(program) {
    program
      .argument('<dir>', 'the directory of the segments')
      .requiredOption('--to <url>', 'the archive, a file:// URL or a path')
      .option('--source <name>', 'name in the archive (default: the name of the directory)')
      .option('--pattern <regexp>', 'which files are segments; with one group (?<number>…)')
      .option(
        '--skip-newest <n>',
        'leave the n newest, which may still be written (default: 1)',
        integerBetween(0, 1_000_000),
      )
      .option('--up-to <segment>', 'all up to this segment is flushed, inclusive; archive that')
      .option('--delete', 'delete each source once its copy is proved (only with --up-to)')
      .addOption(concurrencyOption())
      .addOption(levelOption())
      .addHelpText(
        'after',
        examples(
          'walq archive /var/lib/ledger/wal --to /srv/wal-archive',
          'walq archive wal --to /srv/wal-archive --up-to wal-0000042.bin --delete',
        ),
      );
  },

  async run(call) {
    const report = await archive(call);
    await (call.json ? printJson(report) : printReport(report));
    return report.successCount === report.filesCount ? undefined : 1;
  },
};

async function archive(call: Call<ArchiveOptions>): Promise<BatchReport> {
  const { to, concurrency, level, upTo } = call.options;
  const archiveUrl = readArchiveUrl(to);
  const source = await directorySource(call.args[0] ?? '', call.options);
  await makeArchiveFor(source, archiveUrl);
  const cleaner = createCleaner({
    source,
    archiveUrl,
    ...(concurrency === undefined ? {} : { parallelism: concurrency }),
    ...(level === undefined ? {} : { level }),
  });
  try {
    return await withProgress(call, (progress) =>
      upTo === undefined ? cleaner.archiveDue(progress) : cleaner.cleanupUpTo(upTo, progress),
    );
  } finally {
    await cleaner.close();
  }
}

async function withProgress(
  call: Call<ArchiveOptions>,
  work: (options: ArchiveDueOptions) => Promise<BatchReport>,
): Promise<BatchReport> {
  const progress = await showProgress({ doing: 'archiving', noun: 'segment', quiet: call.json });
  const onSegment = (_: SegmentReport, failure?: WalqError): void => {
    progress.advance();
    if (failure !== undefined) note(renderFailure(failure, call));
  };
  try {
    return await work({ signal: call.signal, onStart: (due) => progress.total(due), onSegment });
  } finally {
    progress.stop();
  }
}

async function printReport(report: BatchReport): Promise<void> {
  if (report.filesCount === 0) return print('nothing is due');
  const counts = `${report.successCount} of ${showCount(report.filesCount, 'segment')} archived`;
  const sizes = `${showBytes(report.bytesIn)} → ${showBytes(report.bytesOut)} (${showRatio(report.ratio)})`;
  const times = `${showDuration(report.durationMs)}, ${showThroughput(report.throughputMBps)}`;
  await print(`${counts}: ${sizes} in ${times}, ${showDuration(report.avgFileMs)} a segment`);
}
