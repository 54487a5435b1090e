/**
 * PostgreSQL's restore_command. Its exit code decides whether recovery continues: 0 the file is there, 1 the
 * archive was asked, has no such file and knows of nothing later, above 125 recovery must not end here. See
 * run-command-line.ts.
 */
import {
  assertWalName,
  asWalqError,
  createThreadPool,
  fetchForRecovery,
  nodeDisk,
  retryWhileTransient,
  type Threads,
  type WalqError,
} from '@walq/wal-core/light';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { archiveOption, durationOption, integerBetween } from '../../command-line/arguments.ts';
import type { Call, CliCommand } from '../../command-line/command.ts';
import { fetchPlace } from './fetch-place.ts';
import type { PrefetchOptions } from './prefetch-place.ts';
import { Prefetcher } from './prefetcher.ts';
import { absentCode } from './recovery-codes.ts';
import { withHardTimeout } from '../../deadlines/with-hard-timeout.ts';
import { renderFailure } from '../../terminal/render-failure.ts';
import { printErrorLines, printJson } from '../../terminal/print.ts';
import { assertMayRestoreTo } from '../../sources/owner.ts';

interface WalFetchOptions extends PrefetchOptions {
  readonly timeout: number;
  readonly allowGap?: boolean;
}

export const command: CliCommand<WalFetchOptions> = {
  examples: [
    `restore_command = 'walq wal-fetch %f "%p"'`,
    `restore_command = 'walq wal-fetch %f "%p" --archive /srv/wal-archive --source main'`,
  ],

  define(program) {
    program
      .argument('<name>', 'the WAL file, as PostgreSQL writes it for %f')
      .argument('<destination>', 'destination of the file: %p')
      .option('--source <source>', 'name of the source (default: the only one)')
      .addOption(archiveOption())
      .addOption(
        durationOption('--timeout <duration>', 'give up after this').default(60_000, '60s'),
      )
      .option('--ahead <n>', 'files to fetch ahead, 1 GiB at most', integerBetween(0, 64), 8)
      .option(
        '--allow-gap',
        'at missing WAL with later WAL in the archive, end recovery instead of stopping the server',
      );
  },

  async run(call) {
    const { timeout } = call.options;
    const what = `fetching ${call.args[0] ?? ''}`;
    const timing = { ...call, what, timeoutMs: timeout };
    try {
      const { outcome, prefetcher } = await withHardTimeout(timing, (signal) =>
        fetch(call, signal),
      );
      if (call.json) await printJson({ file: call.args[0], outcome });
      await prefetcher?.serve();
      return outcome === 'absent' ? absentCode() : 0;
    } catch (error) {
      if (!isAbsenceEnough(call.options, asWalqError(error))) throw error;
      printErrorLines(renderFailure(error, call));
      return absentCode();
    }
  },
};

/** Few, because PostgreSQL waits for the answer: a standby could stream instead, and retries anyway. */
const STANDBY_TRIES = 4;

/**
 * "No such file" does not end the recovery of a standby: it retries, and may have the segment in its own pg_wal or
 * stream it. Any other server would take it for the end of WAL.
 */
function isAbsenceEnough({ allowGap = false }: WalFetchOptions, failure: WalqError): boolean {
  const { class: kind, code } = failure;
  if (code === 'wal-gap') return allowGap || isStandby();
  return isStandby() && (kind === 'retryable' || code === 'below-prune-floor');
}

const isStandby = (): boolean => existsSync('standby.signal');

interface Fetched {
  readonly outcome: 'fetched' | 'absent';
  /** To be served after the answer. */
  readonly prefetcher?: Prefetcher | undefined;
}

async function fetch(call: Call<WalFetchOptions>, signal: AbortSignal): Promise<Fetched> {
  const [name = '', destination = ''] = call.args;
  assertWalName(name, destination);
  await assertMayRestoreTo(call, dirname(destination));
  const trying = { signal, ...(isStandby() && { tries: STANDBY_TRIES, gapWaitMs: 0 }) };
  const place = await retryWhileTransient(trying, () => fetchPlace(call));
  const prefetcher = await Prefetcher.begin(call, place);
  if (await prefetcher?.deliver(name, destination, signal))
    return { outcome: 'fetched', prefetcher };
  await prefetcher?.close();
  const outcome = await withThreads((threads) =>
    fetchForRecovery({ ...place, disk: nodeDisk, threads, ...trying }, name, destination),
  );
  return { outcome };
}

async function withThreads<T>(work: (threads: () => Threads) => Promise<T>): Promise<T> {
  let threads: Threads | undefined;
  try {
    return await work(() => (threads ??= createThreadPool({ parallelism: 1 })));
  } finally {
    await threads?.close();
  }
}
