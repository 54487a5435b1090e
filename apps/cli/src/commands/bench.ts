import {
  benchParts,
  chartOf,
  reportTables,
  runBench,
  type BenchPart,
  type BenchReport,
} from '@walq/bench';
import { Option } from 'commander';
import { usableCores } from '@walq/config';
import { nodeDisk } from '@walq/wal-core/internal';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { integerBetween, levelOption } from '../command-line/arguments.ts';
import type { Call, CliCommand } from '../command-line/command.ts';
import { withPrivateRedis } from '../private-redis/private-redis.ts';
import { quietChildren } from '../supervise/print-children.ts';
import { note, printJson, printLines } from '../terminal/print.ts';
import { tableLines } from '../terminal/table.ts';
import { showProgress, type Progress } from '../terminal/progress.ts';
import { UsageError } from '../command-line/usage-error.ts';

interface BenchOptions {
  readonly input?: string;
  readonly pgbench?: boolean;
  readonly segments: number;
  readonly segmentBytes: number;
  readonly rounds: number;
  readonly level?: number;
  readonly parallelism?: number;
  readonly seed: number;
  readonly dir: string;
  readonly svg?: string;
  readonly only: readonly BenchPart[];
}

const MEBIBYTE = 1024 * 1024;
const LEVEL_DEFAULT = 3;
const walq = fileURLToPath(new URL('../../bin/walq.js', import.meta.url));

export const command: CliCommand<BenchOptions> = {
  examples: ['walq bench', 'walq bench --pgbench --segments 78 --svg bench.svg --json'],

  define(program) {
    program
      .option(
        '--input <dir>',
        'measure with the segments of this directory, which stay as they are',
      )
      .option('--pgbench', 'measure with WAL that pgbench makes, where PostgreSQL is installed')
      .option('--segments <n>', 'segments to measure', integerBetween(1, 10_000), 24)
      .option(
        '--segment-bytes <n>',
        'size of the segments that walq’s log writes',
        integerBetween(4096, 1024 * MEBIBYTE),
        16 * MEBIBYTE,
      )
      .option('--rounds <n>', 'how often each contestant runs', integerBetween(1, 100), 5)
      .addOption(levelOption())
      .option('--parallelism <n>', 'segments at once (default: the cores)', integerBetween(1, 64))
      .option('--seed <n>', 'from which the segments are made', integerBetween(0, 2 ** 32 - 1), 1)
      .option('--dir <dir>', 'where segments and archives are made', '/var/tmp')
      .option('--svg <file>', 'write a chart of the contestants, too')
      .addOption(
        new Option('--only <parts...>', 'measure less')
          .choices(benchParts)
          .default([...benchParts], 'all of them'),
      );
  },

  async run(call) {
    assertConsistent(call.options);
    const directories = [call.options.dir, call.options.input ?? call.options.dir];
    for (const directory of directories) await requireDirectory(directory);
    const root = await mkdtemp(join(resolve(call.options.dir), 'walq-bench-'));
    try {
      const report = await measure(call, root);
      await writeChart(call, report);
      await (call.json ? printJson(report) : printLines(linesOf(report)));
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  },
};

async function measure(call: Call<BenchOptions>, root: string): Promise<BenchReport> {
  const progress = await showProgress({ doing: 'measuring', noun: 'run', quiet: call.json });
  try {
    return await withPrivateRedis(join(root, 'redis'), quietChildren(), call.signal, ({ env }) =>
      measureWith(call, root, env, progress),
    );
  } finally {
    progress.stop();
  }
}

async function measureWith(
  { options, signal }: Call<BenchOptions>,
  root: string,
  env: Readonly<Record<string, string>>,
  progress: Progress,
): Promise<BenchReport> {
  return runBench({
    ...options,
    input: options.input === undefined ? undefined : resolve(options.input),
    pgbench: options.pgbench === true,
    level: options.level ?? LEVEL_DEFAULT,
    parallelism: options.parallelism ?? (await usableCores({ disk: nodeDisk })),
    parts: options.only,
    root,
    walq,
    env,
    signal,
    onStart: (runs) => progress.total(runs),
    onMeasured: () => progress.advance(),
  });
}

function assertConsistent({ input, pgbench }: BenchOptions): void {
  if (input === undefined || pgbench !== true) return;
  throw new UsageError('--input and --pgbench both say what is measured', 'Leave one of them out.');
}

async function requireDirectory(path: string): Promise<void> {
  const state = await stat(path).catch(() => undefined);
  if (state?.isDirectory() === true) return;
  throw new UsageError(`'${path}' is not a directory`, 'Name one that is there.');
}

async function writeChart(
  { options: { svg: file }, json }: Call<BenchOptions>,
  report: BenchReport,
): Promise<void> {
  if (file === undefined) return;
  await writeFile(file, chartOf(report));
  if (!json) note(`the chart is in ${file}`);
}

function linesOf(report: BenchReport): string[] {
  return reportTables(report).flatMap(({ title, columns, rows, notes }) => [
    '',
    title,
    ...tableLines(columns, rows).filter((line) => line !== ''),
    ...notes,
  ]);
}
