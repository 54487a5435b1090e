import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { integerBetween, workersOption } from '../../command-line/arguments.ts';
import type { Call, CliCommand } from '../../command-line/command.ts';
import { prepareDemo } from './demo-place.ts';
import { demoLines, isSound, type DemoReport, runDemo } from './run-demo.ts';
import { withPrivateRedis } from '../../private-redis/private-redis.ts';
import { note, printJson, printLines } from '../../terminal/print.ts';
import { quietChildren } from '../../supervise/print-children.ts';
import { newTemporaryDirectory, withoutSettings } from '../../temporary-directory.ts';

interface DemoCommandOptions {
  readonly workers: number;
  readonly segments: number;
  readonly segmentMb: number;
  readonly keep?: boolean;
}

const MEBIBYTE = 1024 * 1024;

export const command: CliCommand<DemoCommandOptions> = {
  examples: ['walq demo', 'walq demo --segments 200 --workers 4 --keep'],

  define(program) {
    program
      .addOption(workersOption(2))
      .option('--segments <n>', 'number of segments to write', integerBetween(1, 10_000), 48)
      .option('--segment-mb <n>', 'size of a segment in MiB', integerBetween(1, 1024), 1)
      .option('--keep', 'keep the files and print their directory');
  },

  async run(call) {
    const root = await newTemporaryDirectory('walq-demo-');
    try {
      const report = await withRedis(call, root, (env) => demoIn(call, root, env));
      await (call.json ? printJson(report) : printLines(['', ...demoLines(report)]));
      return isSound(report) ? undefined : 1;
    } finally {
      if (call.options.keep === true) note(`the files are in ${root}`);
      else await rm(root, { recursive: true, force: true });
    }
  },
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Uses the server that the environment names, else a private one. */
async function withRedis<T>(
  { signal }: Call,
  root: string,
  work: (env: Environment) => Promise<T>,
): Promise<T> {
  if (process.env['WALQ_REDIS__URL']) {
    return work(withoutSettings((name) => name.startsWith('WALQ_REDIS__')));
  }
  return withPrivateRedis(join(root, 'redis'), quietChildren(), signal, ({ env }) =>
    work({ ...withoutSettings(), ...env }),
  );
}

async function demoIn(
  { options, signal, json }: Call<DemoCommandOptions>,
  root: string,
  env: Environment,
): Promise<DemoReport> {
  const place = await prepareDemo(root, env);
  return runDemo({
    place,
    env,
    signal,
    segments: options.segments,
    segmentBytes: options.segmentMb * MEBIBYTE,
    workers: options.workers,
    listener: quietChildren(),
    say: (text) => {
      if (!json) note(text);
    },
  });
}
