import { createThreadPool, nodeDisk, WalqError, type Threads } from '@walq/wal-core/internal';
import { usableCores } from '@walq/config/values';
import { archivedSources } from '../../sources/archived-sources.ts';
import {
  archiveOption,
  byteCount,
  concurrencyOption,
  durationMs,
} from '../../command-line/arguments.ts';
import type { Call, CliCommand } from '../../command-line/command.ts';
import { UsageError } from '../../command-line/usage-error.ts';
import { checkBytes } from './check-bytes.ts';
import { printVerification } from './print-verification.ts';
import { verifyNames, type VerifyOptions } from './verify-names.ts';

export const command: CliCommand<VerifyOptions> = {
  examples: [
    'walq verify',
    'walq verify orders --deep',
    'walq verify --incremental --budget 10m',
    'walq verify --incremental --max-bytes 50GiB --json',
  ],

  define(program) {
    program
      .argument('[source]', 'only this source')
      .option('--deep', 'read and decode every byte, not only the manifests')
      .option(
        '--incremental',
        'read and decode a part: objects never checked first, then those checked longest ago',
      )
      .option('--budget <duration>', 'with --incremental: stop after this long', durationMs)
      .option('--max-bytes <size>', 'with --incremental: read at most this much', byteCount)
      .addOption(archiveOption())
      .option('--from <segment>', 'the first segment, inclusive')
      .option('--until <segment>', 'the last segment, inclusive')
      .addOption(concurrencyOption());
  },

  async run(call) {
    const startedMs = performance.now();
    assertBudgetAllowed(call.options);
    const sources = await archivedSources(call, call.args[0]);
    assertSources(call, sources);
    const verified = [];
    for (const source of sources) {
      verified.push(await verifyNames(call, source));
    }
    const threads = await threadsOf(call);
    try {
      const checked = threads && (await checkBytes(call, verified, threads, startedMs));
      return await printVerification(call, checked ?? verified);
    } finally {
      await threads?.close();
    }
  },
};

/** The mount point of an archive that is not mounted is an empty directory too. */
function assertSources({ options }: Call<VerifyOptions>, sources: readonly unknown[]): void {
  if (sources.length > 0) return;
  throw new WalqError('object-missing', {
    message: `the archive ${options.archive ?? ''} has no source, so nothing was verified`,
    hint: 'Check the URL of the archive, and that it is mounted.',
  });
}

function assertBudgetAllowed({ incremental = false, budget, maxBytes }: VerifyOptions): void {
  if (incremental || (budget === undefined && maxBytes === undefined)) return;
  throw new UsageError(
    '--budget and --max-bytes limit an incremental verification',
    'Add --incremental.',
  );
}

async function threadsOf({ options }: Call<VerifyOptions>): Promise<Threads | undefined> {
  const { deep = false, incremental = false, concurrency } = options;
  if (!deep && !incremental) return undefined;
  return createThreadPool({ parallelism: concurrency ?? (await usableCores({ disk: nodeDisk })) });
}
