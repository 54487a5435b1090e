/**
 * Fetches the files that PostgreSQL will request next, and outlives the `wal-fetch` that began it: the shell that
 * PostgreSQL waits for gets a signal when its file is there, and later shells ask through two pipes. It ends when there are
 * no requests for a while, and when the server ends.
 */
import { usableCores } from '@walq/config/values';
import {
  asWalqError,
  createThreadPool,
  FetchAhead,
  nodeDisk,
  type Threads,
} from '@walq/wal-core/light';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Call } from '../../command-line/command.ts';
import { configurationState, writeFastPathRecord } from '../../shell-fast-path/fast-path-record.ts';
import { warn } from '../../terminal/print.ts';
import { walSegmentBytes, type FetchPlace } from './fetch-place.ts';
import { prefetchPlace, type PrefetchOptions, type PrefetchPlace } from './prefetch-place.ts';
import { RequestPipes, type FetchRequest } from './request-pipes.ts';
import { isShellWaiting, releaseOutput, signalShell } from './waiting-shell.ts';

/** All files that are fetched ahead together, but for a single one that is longer. */
const AHEAD_BYTES_MAX = 2 ** 30;
/** How long a shell waits for a file in flight. Then it starts a process, which has a deadline and gives a reason. */
const ANSWER_MS_MAX = 3_000;
/** By then recovery has ended, or waits for WAL that is not archived yet. */
const IDLE_MS_MAX = 20_000;
const WATCH_INTERVAL_MS = 500;

interface Parts {
  readonly ahead: FetchAhead;
  readonly threads: Threads;
  readonly ended: AbortController;
  readonly configFile: string | undefined;
  readonly configuredAs: string;
  /** Made while the first file is fetched. */
  readonly pipes: Promise<RequestPipes | undefined>;
}

export class Prefetcher {
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Undefined where nothing is fetched ahead. */
  static async begin(
    call: Call<PrefetchOptions>,
    place: FetchPlace,
  ): Promise<Prefetcher | undefined> {
    try {
      const where = await prefetchPlace(call, place);
      return where && new Prefetcher(await begin(call, place, where));
    } catch (error) {
      return noteFailure(error);
    }
  }

  /** Fetches the file of this call, and those after it. False where the file is left to the caller. */
  deliver(name: string, destination: string, signal: AbortSignal): Promise<boolean> {
    return this.#parts.ahead.deliver(name, destination, { signal, isAwaited: isShellWaiting });
  }

  /** Signals to the shell that the file of this call is delivered, and then answers other calls. */
  async serve(): Promise<void> {
    const { ended } = this.#parts;
    const pipes = await this.#parts.pipes;
    if (pipes === undefined) return this.close();
    // Whoever adopts this process may take anything else for a crash of its own.
    process.on('exit', () => (process.exitCode = 0));
    const idle = setTimeout(() => ended.abort(), IDLE_MS_MAX);
    const watching = watchServer(() => ended.abort());
    pipes.onRequest(async (request) => {
      const isDelivered = await this.#deliverTo(request);
      if (isDelivered) idle.refresh();
      return isDelivered;
    });
    releaseOutput();
    signalShell();
    if (!ended.signal.aborted) await once(ended.signal, 'abort');
    clearTimeout(idle);
    clearInterval(watching);
    await this.close();
  }

  async close(): Promise<void> {
    const { ahead, threads, ended, pipes } = this.#parts;
    ended.abort();
    // First, so that no shell waits for the rest.
    await (await pipes)?.close();
    await ahead.close();
    await threads.close();
  }

  /** Rejects where this process can answer no longer. */
  async #deliverTo({ name, destination, isAwaited }: FetchRequest): Promise<boolean> {
    const { ahead, configFile, configuredAs } = this.#parts;
    if ((await configurationState(configFile)) !== configuredAs)
      throw new Error('the configuration was changed');
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), ANSWER_MS_MAX);
    const isDelivered = await ahead.deliver(name, destination, { signal: late.signal, isAwaited });
    clearTimeout(timer);
    return isDelivered;
  }
}

async function begin(
  call: Call<PrefetchOptions>,
  place: FetchPlace,
  { directory, stateDirectory }: PrefetchPlace,
): Promise<Parts> {
  const { source, configFile } = place;
  const ended = new AbortController();
  call.signal.addEventListener('abort', () => ended.abort());
  const [segmentBytes, configuredAs, parallelism] = await Promise.all([
    walSegmentBytes(place),
    configurationState(configFile),
    usableCores({ disk: nodeDisk }),
  ]);
  const threads = createThreadPool({ parallelism });
  const fit = Math.max(1, Math.floor(AHEAD_BYTES_MAX / segmentBytes));
  const aheadMax = Math.min(call.options.ahead, fit);
  const from = { ...place, disk: nodeDisk, threads: () => threads, directory, segmentBytes };
  const ahead = await FetchAhead.begin({ ...from, aheadMax, signal: ended.signal });
  const [, , , ...args] = call.argv;
  const record = { kind: 'fetch', stateDirectory, directory, source, args, configFile } as const;
  const pipes = Promise.all([
    RequestPipes.make(directory, ended),
    writeFastPathRecord(record),
  ]).then(([made]) => made, noteFailure);
  return { ahead, threads, ended, configFile, configuredAs, pipes };
}

/** It costs only speed. */
function noteFailure(error: unknown): undefined {
  warn(`walq: unable to fetch ahead: ${asWalqError(error).message}`);
}

/** Of the server in whose directory this process runs; does nothing where none runs. */
function watchServer(onEnded: () => void): NodeJS.Timeout | undefined {
  const isThere = (): boolean => existsSync('postmaster.pid');
  if (!isThere()) return undefined;
  return setInterval(() => {
    if (!isThere()) onEnded();
  }, WATCH_INTERVAL_MS);
}
