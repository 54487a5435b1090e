/**
 * The process behind `wal-fetch`: fetches what PostgreSQL will ask for next, and ends when it does not ask. It ends
 * with 0 however it ends, because whoever adopts it may take anything else for a crash of its own.
 */
import { createThreadPool, fetchAhead, nodeDisk } from '@walq/wal-core/internal';
import { usableCores } from '@walq/config';
import { existsSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { archiveOption, durationMs, integerBetween } from '../../command-line/arguments.ts';
import type { CliCommand } from '../../command-line/command.ts';
import {
  aheadDirectory,
  fetchPlace,
  stateDirectory,
  walSegmentBytes,
  type FetchPlaceOptions,
} from './fetch-place.ts';

interface AheadOptions extends FetchPlaceOptions {
  readonly ahead: number;
}

/** All files that are fetched ahead together, but for a single one that is longer. */
const AHEAD_BYTES_MAX = 2 ** 30;

export const command: CliCommand<AheadOptions> = {
  examples: [],

  define(program) {
    program
      .argument('<name>')
      .argument('<destination>')
      .option('--source <source>')
      .addOption(archiveOption())
      .option('--timeout <duration>', '', durationMs)
      .option('--allow-gap')
      .option('--ahead <n>', '', integerBetween(0, 64), 8);
  },

  async run(call) {
    process.on('exit', () => (process.exitCode = 0));
    const ended = new AbortController();
    for (const name of ['SIGHUP', 'SIGQUIT'] as const) process.on(name, () => ended.abort());
    const state = stateDirectory();
    if (state === undefined) return;
    const place = await fetchPlace(call);
    const segmentBytes = await walSegmentBytes(place);
    const fit = Math.max(1, Math.floor(AHEAD_BYTES_MAX / segmentBytes));
    const aheadMax = Math.min(call.options.ahead, fit);
    const parallelism = Math.min(await usableCores({ disk: nodeDisk }), aheadMax);
    const threads = createThreadPool({ parallelism });
    const watching = watchServer(() => ended.abort());
    try {
      await fetchAhead({
        ...place,
        segmentBytes,
        disk: nodeDisk,
        threads: () => threads,
        directory: aheadDirectory(state, place),
        aheadMax,
        signal: AbortSignal.any([call.signal, ended.signal]),
      });
    } finally {
      clearInterval(watching);
      await threads.close();
    }
  },
};

/** Of the server in whose directory this process runs; does nothing where none runs. */
function watchServer(onEnded: () => void): NodeJS.Timeout | undefined {
  const isThere = (): boolean => existsSync('postmaster.pid');
  if (!isThere()) return undefined;
  return setInterval(() => {
    if (!isThere()) onEnded();
  }, 500);
}

const walq = fileURLToPath(new URL('../../../bin/walq.js', import.meta.url));

/**
 * Whether what this command leaves running would become a child of the server in whose directory it runs: one that
 * is process 1, as in a container without an init. The server takes the end of a child that it does not know for a
 * crash of its own, unless it ends well, and then restarts all its processes; nothing ends well that is killed.
 */
export async function isAdoptedByServer(): Promise<boolean> {
  const text = await readFile('postmaster.pid', 'utf8').catch(() => '');
  return text.split('\n', 1)[0]?.trim() === '1';
}

/** Starts `walq wal-fetch-ahead` for a call of `wal-fetch`; it outlives this process. */
export function startFetchingAhead(argv: readonly string[]): void {
  const at = argv.indexOf('wal-fetch');
  const args = argv.with(at, 'wal-fetch-ahead');
  const child = spawn(process.execPath, [...process.execArgv, walq, ...args], {
    detached: true,
    // PostgreSQL waits for everybody who holds its pipes.
    stdio: 'ignore',
  });
  // Without it files are fetched one by one.
  child.on('error', () => undefined);
  child.unref();
}
