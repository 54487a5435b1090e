import { resolve } from 'node:path';
import {
  createThreadPool,
  nodeDisk,
  restoreRange,
  usableCores,
  WalqError,
  type RestoreReport,
  type Threads,
} from '@walq/wal-core';
import { archivedSources, type ArchivedSource } from '../archived-sources.ts';
import { archiveOption, concurrencyOption, examples } from '../arguments.ts';
import type { Call, CliCommand } from '../command.ts';
import { showBytes, showCount, showDuration } from '../terminal/human.ts';
import { print, printJson } from '../terminal/print.ts';
import { showProgress } from '../terminal/progress.ts';
import { rangeOf, type RangeOptions } from './list.ts';

interface RestoreOptions extends RangeOptions {
  readonly to: string;
  readonly concurrency?: number;
}

export const command: CliCommand<RestoreOptions> = {
  define(program) {
    program
      .argument('<source>', 'the source whose segments to bring back')
      .requiredOption(
        '--to <dir>',
        'where to; made when it is not there, and nothing in it is replaced',
      )
      .addOption(archiveOption())
      .option('--from <segment>', 'the first segment, inclusive')
      .option('--until <segment>', 'the last segment, inclusive')
      .addOption(concurrencyOption())
      .addHelpText(
        'after',
        examples('walq restore orders --to /tmp/orders --until 00000000000000000042.wal'),
      );
  },

  async run(call) {
    const [name = ''] = call.args;
    const [archived] = await archivedSources(call, name);
    if (archived === undefined) throw nothingOf(name);
    const { concurrency } = call.options;
    const parallelism = concurrency ?? (await usableCores({ disk: nodeDisk }));
    const threads = createThreadPool({ parallelism });
    try {
      const report = await restore(call, archived, threads);
      if (report.segments === 0) throw nothingOf(name);
      await (call.json ? printJson(report) : printReport(call, report));
    } finally {
      await threads.close();
    }
  },
};

async function restore(
  call: Call<RestoreOptions>,
  archived: ArchivedSource,
  threads: Threads,
): Promise<RestoreReport> {
  const progress = await showProgress({ doing: 'restoring', noun: 'segment', quiet: call.json });
  const { name, store, naming } = archived;
  try {
    return await restoreRange({
      disk: nodeDisk,
      store,
      threads,
      naming,
      source: name,
      destination: resolve(call.options.to),
      range: rangeOf(archived, call.options),
      signal: call.signal,
      onSegment: () => progress.advance(),
    });
  } finally {
    progress.stop();
  }
}

async function printReport(
  { options }: Call<RestoreOptions>,
  report: RestoreReport,
): Promise<void> {
  const { segments, bytes, durationMs } = report;
  const what = `${showCount(segments, 'segment')}, ${showBytes(bytes)}`;
  await print(
    `restored ${what} to ${resolve(options.to)} in ${showDuration(durationMs)}, every byte checked`,
  );
}

const nothingOf = (name: string): WalqError =>
  new WalqError('object-missing', { message: `the archive has no such segments of '${name}'` });
