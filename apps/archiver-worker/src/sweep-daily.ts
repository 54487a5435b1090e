/** Removes what crashed writers left in the archives: when a worker starts, and once a day. */
import { asWalqError, repeat, type ArchiveStore } from '@walq/wal-core/internal';
import type { Logger } from 'pino';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Stopped, it ends at once. A removal that hangs on a dead mount cannot be called back and is left behind: what it
 * removes nobody needs, and the next sweep finds the rest.
 */
export function sweepDaily(
  sources: readonly (readonly [name: string, store: ArchiveStore])[],
  logger: Logger,
): { stop(): void } {
  let isStopped = false;
  const sweeps = repeat(async () => {
    for (const [source, store] of sources) {
      if (!isStopped) await sweepOne(source, store, logger);
    }
    return DAY_MS;
  });
  return {
    stop: () => {
      isStopped = true;
      sweeps.stop();
    },
  };
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
