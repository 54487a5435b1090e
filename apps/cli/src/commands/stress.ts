import { runStress, stressTable, type StressReport } from '@walq/bench/stress';
import { nodeDisk } from '@walq/wal-core/internal';
import { usableCores } from '@walq/config/values';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { integerBetween } from '../command-line/arguments.ts';
import type { Call, CliCommand } from '../command-line/command.ts';
import { withPrivateRedis, type PrivateRedis } from '../private-redis/private-redis.ts';
import { quietChildren } from '../supervise/print-children.ts';
import { withWorkers } from '../supervise/roles.ts';
import { printJson, printLines } from '../terminal/print.ts';
import { tableLines } from '../terminal/table.ts';
import { showProgress, type Progress } from '../terminal/progress.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { withoutSettings } from '../temporary-directory.ts';

interface StressOptions {
  readonly seconds: number;
  readonly rate: number;
  readonly recordBytes: number;
  readonly segmentBytes: number;
  readonly flushEvery: number;
  readonly writers: number;
  readonly parallelism?: number;
  readonly nice: number;
  readonly rounds: number;
  readonly seed: number;
  readonly dir: string;
}

const MEBIBYTE = 1024 * 1024;

export const command: CliCommand<StressOptions> = {
  examples: ['walq stress', 'walq stress --rate 20000 --rounds 5 --json'],

  define(program) {
    program
      .option(
        '--seconds <n>',
        'duration at the rate, and again at full load',
        integerBetween(1, 600),
        5,
      )
      .option('--rate <n>', 'appends per second', integerBetween(1, 100_000), 5_000)
      .option('--record-bytes <n>', 'size of a record', integerBetween(1, MEBIBYTE), 2_048)
      .option(
        '--segment-bytes <n>',
        'size at which the log seals a segment',
        integerBetween(4_096, 1_024 * MEBIBYTE),
        4 * MEBIBYTE,
      )
      .option('--flush-every <n>', 'sealed segments per flush', integerBetween(1, 1_000), 2)
      .option('--writers <n>', 'concurrent appends at full load', integerBetween(1, 10_000), 64)
      .option(
        '--parallelism <n>',
        'concurrent segments (default: the cores)',
        integerBetween(1, 64),
      )
      .option('--nice <n>', 'nice value of the archiving threads', integerBetween(0, 19), 10)
      .option('--rounds <n>', 'runs of each variant', integerBetween(1, 100), 3)
      .option('--seed <n>', 'seed for the load', integerBetween(0, 2 ** 32 - 1), 1)
      .option('--dir <dir>', 'directory for logs and archives', '/var/tmp');
  },

  async run(call) {
    const directory = resolve(call.options.dir);
    await requireDirectory(directory);
    const root = await mkdtemp(join(directory, 'walq-stress-'));
    try {
      const report = await measure(call, root);
      await (call.json ? printJson(report) : printLines(linesOf(report)));
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  },
};

async function measure(call: Call<StressOptions>, root: string): Promise<StressReport> {
  const progress = await showProgress({ doing: 'measuring', noun: 'run', quiet: call.json });
  try {
    return await withPrivateRedis(join(root, 'redis'), quietChildren(), call.signal, (redis) =>
      measureWith(call, root, redis, progress),
    );
  } finally {
    progress.stop();
  }
}

async function measureWith(
  { options, signal }: Call<StressOptions>,
  root: string,
  redis: PrivateRedis,
  progress: Progress,
): Promise<StressReport> {
  const { seconds, rate, recordBytes, segmentBytes, flushEvery, writers, seed } = options;
  const { rounds, parallelism, nice } = options;
  const env = { ...withoutSettings(), ...redis.env };
  return runStress({
    workload: { seconds, rate, recordBytes, segmentBytes, flushEvery, writers, seed },
    rounds,
    parallelism: parallelism ?? (await usableCores({ disk: nodeDisk })),
    nice,
    root,
    env,
    signal,
    withWorker: (configPath, work) =>
      withWorkers({ workers: 1, configPath, env, listener: quietChildren(), signal }, work),
    onStart: (runs) => progress.total(runs),
    onMeasured: () => progress.advance(),
  });
}

async function requireDirectory(path: string): Promise<void> {
  const state = await stat(path).catch(() => undefined);
  if (state?.isDirectory() === true) return;
  throw new UsageError(`'${path}' is not a directory`, 'Pass the path of an existing directory.');
}

const linesOf = (report: StressReport): string[] => {
  const { columns, rows, notes } = stressTable(report);
  return ['', ...tableLines(columns, rows), '', ...notes];
};
