/** Trains a zstd dictionary on a source's own segments, and stores it if it saves space. */
import {
  createThreadPool,
  processName,
  trainDictionary,
  type TrainingReport,
  isWalqError,
  nodeDisk,
  openSource,
  openStoreOf,
  readOwnerOf,
  type TrainingSource,
} from '@walq/wal-core/internal';
import type { Config, ConfiguredSource } from '@walq/config';
import { printable } from '@walq/wal-core/printable';
import { integerBetween } from '../../command-line/arguments.ts';
import type { Call, CliCommand } from '../../command-line/command.ts';
import { sourceOf } from '../../sources/require.ts';
import { note, warn, printJson } from '../../terminal/print.ts';
import { showProgress } from '../../terminal/progress.ts';
import { printTraining } from './print-training.ts';
import { requireTrainer, runTrainer, withScratch } from './run-trainer.ts';
import { assertMayWrite } from '../../sources/owner.ts';

interface TrainCommandOptions {
  readonly segments?: number;
  readonly dryRun?: boolean;
}

export const command: CliCommand<TrainCommandOptions> = {
  examples: ['walq train orders', 'walq train orders --segments 100000 --dry-run'],

  define(program) {
    program
      .argument('<source>', 'name of the source')
      .option(
        '--segments <n>',
        'number of segments over which the dictionary must save space (default: all at the source and in the archive)',
        integerBetween(1, 1_000_000_000),
      )
      .option('--dry-run', 'measure and store nothing')
      .addHelpText('after', '\nExit code 1 if no dictionary saves space; then nothing is stored.');
  },

  async run(call) {
    const config = await call.loadConfig();
    const source = sourceOf(config, call.args[0] ?? '');
    await assertMayWrite(call, source);
    const report = await train(call, config, source);
    if (call.json) await printJson(asJson(source, report));
    else {
      await printTraining(source.name, report);
      if (report.outcome === 'stored' && config.compression.dictionary !== 'train') {
        note('walq: to use it, set dictionary = "train" in [compression]');
      }
    }
    return report.best === undefined ? 1 : undefined;
  },
};

async function train(
  { options, signal, json }: Call<TrainCommandOptions>,
  { compression, wal }: Config,
  configured: ConfiguredSource,
): Promise<TrainingReport> {
  return withScratch(async (directory) => {
    await requireTrainer({ directory, signal });
    const source = await trainingSource(configured);
    const threads = createThreadPool({
      parallelism: wal.archiveParallelism,
      nice: wal.archiveNice,
    });
    const progress = await showProgress({ doing: 'reading samples', noun: 'segment', quiet: json });
    try {
      return await trainDictionary({
        ...source,
        ...options,
        threads,
        directory,
        signal,
        level: compression.level,
        worker: processName(),
        train: (files, bytesMax) => runTrainer({ directory, signal }, files, bytesMax),
        onStart: (count) => progress.total(count),
        onSegment: () => progress.advance(),
        onStage: (stage) => {
          progress.stop();
          if (!json) note(stage);
        },
      });
    } finally {
      progress.stop();
      await threads.close();
    }
  });
}

/** Samples come from the source, if it is available, and from its archive. */
async function trainingSource(source: ConfiguredSource): Promise<TrainingSource> {
  const store = openStoreOf(source, nodeDisk);
  const known = { disk: nodeDisk, store, source: source.name };
  const owner = await readOwnerOf(nodeDisk, source, store);
  try {
    const open = await openSource({ disk: nodeDisk, source, store, registerIfNew: true });
    return { ...known, naming: open.source.naming, open };
  } catch (error) {
    if (owner === undefined || !isWalqError(error, 'source-unavailable')) throw error;
    warn(`walq: ${printable(error.message)}; training on the archive alone`);
    return { ...known, naming: owner.naming, open: undefined };
  }
}

function asJson(source: ConfiguredSource, report: TrainingReport): object {
  const { outcome, samples, level, segments, archiveBytesWithout, evaluated, best } = report;
  return {
    source: source.name,
    archive: source.archiveUrl,
    outcome,
    level,
    trainedSegments: samples.trained.length,
    trainedBytes: samples.trainedBytes,
    measuredSegments: samples.measured.length,
    measuredBytes: samples.measuredBytes,
    segments,
    archiveBytesWithout,
    dictionaries: evaluated.map(({ measurement, ...figures }) => ({
      origin: measurement.origin,
      dictionary: measurement.dictionary.sha256,
      bytes: measurement.dictionary.bytes.length,
      ...figures,
    })),
    best: best?.measurement.dictionary.sha256 ?? null,
  };
}
