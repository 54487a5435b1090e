/** Removes the markers of WAL files that PostgreSQL has its answer for, again and again. */
import {
  asWalqError,
  openSource,
  repeat,
  sweepMarkers,
  type OpenSourceOptions,
} from '@walq/wal-core/internal';
import type { Logger } from 'pino';

type Place = Omit<OpenSourceOptions, 'registerIfNew'>;

const EVERY_MS = 30_000;

/** Gives what stops it, at once, also while a disk hangs. A source without markers is left alone. */
export function keepMarkersSwept(place: Place, logger: Logger): () => void {
  if (place.source.sealedRule.kind !== 'ready') return () => undefined;
  let isFirst = true;
  const sweeps = repeat(async () => {
    if (!isFirst) await sweep(place, logger);
    isFirst = false;
    return EVERY_MS;
  });
  return () => sweeps.stop();
}

async function sweep(place: Place, logger: Logger): Promise<void> {
  try {
    await sweepMarkers(place.disk, await openSource({ ...place, registerIfNew: false }));
  } catch (error) {
    const { code, message } = asWalqError(error);
    logger.debug({ source: place.source.name, code }, `markers are not swept: ${message}`);
  }
}
