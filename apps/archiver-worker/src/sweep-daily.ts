/** Removes what crashed writers left in the archives: when a worker starts, and once a day. */
import { asWalqError, type ArchiveStore } from '@walq/wal-core/internal';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface Sweeping {
  /**
   * Ends at once. A removal that hangs on a dead mount cannot be called back and is left behind: what it
   * removes nobody needs, and the next sweep finds the rest.
   */
  stop(): Promise<void>;
}

export function sweepDaily(
  sources: readonly (readonly [name: string, store: ArchiveStore])[],
  logger: Logger,
): Sweeping {
  const stopping = new AbortController();
  const { signal } = stopping;
  const ended = Promise.race([once(signal, 'abort'), sweepUntil(sources, logger, signal)]);
  return {
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

async function sweepUntil(
  sources: Parameters<typeof sweepDaily>[0],
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    for (const [source, store] of sources) {
      if (!signal.aborted) await sweepOne(source, store, logger);
    }
    await sleep(DAY_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

async function sweepOne(source: string, store: ArchiveStore, logger: Logger): Promise<void> {
  try {
    const removed = await store.sweep(source);
    if (removed > 0) logger.info({ source, removed }, 'temporary files of crashed writers removed');
  } catch (error) {
    const { code, message } = asWalqError(error);
    logger.debug({ source, code }, `unable to sweep for now: ${message}`);
  }
}
