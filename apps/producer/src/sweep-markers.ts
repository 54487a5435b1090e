/** Removes the markers of WAL files that PostgreSQL has its answer for, again and again. */
import {
  asWalqError,
  openSource,
  sweepMarkers,
  type OpenSourceOptions,
} from '@walq/wal-core/internal';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

type Place = Omit<OpenSourceOptions, 'mayIntroduce'>;

const EVERY_MS = 30_000;

/** Resolves when the signal is aborted, also while a disk hangs; at once for a source without markers. */
export async function keepMarkersSwept(
  place: Place,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  if (place.source.sealedRule.kind !== 'ready' || signal.aborted) return;
  await Promise.race([once(signal, 'abort'), sweepUntil(place, logger, signal)]);
}

async function sweepUntil(place: Place, logger: Logger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      await sweepMarkers(place.disk, await openSource({ ...place, mayIntroduce: false }));
    } catch (error) {
      const { code, message } = asWalqError(error);
      logger.debug({ source: place.source.name, code }, `markers are not swept: ${message}`);
    }
  }
}
