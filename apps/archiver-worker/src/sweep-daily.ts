/** Removes temporary files of crashed writers from the archives: when a worker starts, and once a day. */
import { asWalqError, repeat, type ArchiveStore } from '@walq/wal-core/internal';
import type { Logger } from 'pino';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * `stop` does not wait for a removal that hangs on a dead mount: it removes only unneeded files, and the next sweep
 * removes the rest.
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
    if (removed > 0) logger.info({ source, removed }, 'removed temporary files of crashed writers');
  } catch (error) {
    const { code, message } = asWalqError(error);
    logger.debug(
      { source, code },
      `could not remove temporary files; trying again tomorrow: ${message}`,
    );
  }
}
