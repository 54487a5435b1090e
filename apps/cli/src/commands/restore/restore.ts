import { resolve } from 'node:path';
import {
  createThreadPool,
  nodeDisk,
  openManifestIndex,
  restoreRange,
  WalqError,
  type KnownGap,
  type LsnRange,
  type RestoreReport,
  type Threads,
} from '@walq/wal-core/internal';
import { usableCores, cacheDirectory } from '@walq/config/values';
import { printable } from '@walq/wal-core/printable';
import { archivedSources, type ArchivedSource } from '../../sources/archived-sources.ts';
import { archiveOption, concurrencyOption } from '../../command-line/arguments.ts';
import type { Call, CliCommand } from '../../command-line/command.ts';
import { showBytes, showCount, showDuration } from '../../terminal/human.ts';
import { print, printJson } from '../../terminal/print.ts';
import { showProgress } from '../../terminal/progress.ts';
import { rangeOf, type RangeOptions } from '../list.ts';
import { assertMayRestoreTo } from '../../sources/owner.ts';
import { lsnRangeOf, type LsnOptions } from './lsn-range.ts';

interface RestoreOptions extends RangeOptions, LsnOptions {
  readonly to: string;
  readonly allowGaps?: boolean;
  readonly concurrency?: number;
}

export const command: CliCommand<RestoreOptions> = {
  examples: [
    'walq restore orders --to /tmp/orders --until 00000000000000000042.wal',
    'walq restore main --to /tmp/wal --timeline latest --from-lsn 2/4A000028 --until-lsn 2/7F3A0C10',
  ],

  define(program) {
    program
      .argument('<source>', 'name of the source')
      .requiredOption(
        '--to <dir>',
        'destination; created if it does not exist, and no file in it is replaced',
      )
      .addOption(archiveOption())
      .option('--from <segment>', 'the first segment, inclusive')
      .option('--until <segment>', 'the last segment, inclusive')
      .option('--timeline <n>', 'PostgreSQL: the history up to this timeline, or "latest"')
      .option('--from-lsn <lsn>', 'PostgreSQL: from the segment that contains this LSN')
      .option('--until-lsn <lsn>', 'PostgreSQL: to the segment that contains this LSN')
      .option('--allow-gaps', 'restore the other segments if some of the range are missing')
      .addOption(concurrencyOption());
  },

  async run(call) {
    const [name = ''] = call.args;
    const lsn = lsnRangeOf(call.options);
    const [archived] = await archivedSources(call, name);
    if (archived === undefined) throw nothingOf(name);
    const { concurrency } = call.options;
    const parallelism = concurrency ?? (await usableCores({ disk: nodeDisk }));
    const threads = createThreadPool({ parallelism });
    try {
      const report = await restore(call, { archived, lsn, threads });
      if (report.segments === 0) throw nothingOf(name);
      await (call.json ? printJson(report) : printReport(call, report));
    } finally {
      await threads.close();
    }
  },
};

async function restore(
  call: Call<RestoreOptions>,
  { archived, lsn, threads }: RestorePlan,
): Promise<RestoreReport> {
  await assertMayRestoreTo(call, call.options.to);
  const progress = await showProgress({ doing: 'restoring', noun: 'segment', quiet: call.json });
  const { name, store, naming, consecutive } = archived;
  const index = await openManifestIndex(nodeDisk, cacheDirectory(), store.url, name);
  try {
    return await restoreRange({
      disk: nodeDisk,
      store,
      threads,
      naming,
      consecutive,
      index,
      source: name,
      destination: resolve(call.options.to),
      range: rangeOf(archived, call.options),
      ...(lsn && { lsn }),
      allowGaps: call.options.allowGaps === true,
      signal: call.signal,
      onPlan: (segments) => progress.total(segments),
      onSegment: ({ segment }) => progress.advance(segment),
    });
  } finally {
    progress.stop();
  }
}

async function printReport(
  { options }: Call<RestoreOptions>,
  report: RestoreReport,
): Promise<void> {
  const { segments, bytes, present, gaps, durationMs } = report;
  for (const gap of gaps) await print(`missing  ${describeGap(gap)}`);
  const before = present === 0 ? '' : ` (${present.toLocaleString('en-US')} already there)`;
  const what = `${showCount(segments, 'segment')}, ${showBytes(bytes)}${before}`;
  await print(
    `restored ${what} to ${resolve(options.to)} in ${showDuration(durationMs)}, every byte verified`,
  );
}

function describeGap({ after, before, missing, acknowledged }: KnownGap): string {
  const where =
    after === before
      ? printable(after)
      : `${showCount(missing, 'segment')} between ${printable(after)} and ${printable(before)}`;
  if (acknowledged === null) return where;
  return `${where} (acknowledged by ${printable(acknowledged.by)}: ${printable(acknowledged.reason)})`;
}

interface RestorePlan {
  readonly archived: ArchivedSource;
  readonly lsn: LsnRange | undefined;
  readonly threads: Threads;
}

const nothingOf = (name: string): WalqError =>
  new WalqError('object-missing', {
    message: `the archive has no segments of '${name}' in this range`,
  });
