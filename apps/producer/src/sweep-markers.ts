/** Periodically removes the markers of WAL files that PostgreSQL has already marked as archived. */
import {
  asWalqError,
  openSource,
  repeat,
  sweepMarkers,
  type OpenSourceOptions,
} from '@walq/wal-core/internal';
import type { Logger } from 'pino';

type SourceAccess = Omit<OpenSourceOptions, 'registerIfNew'>;

const SWEEP_INTERVAL_MS = 30_000;

/** Returns a function that stops it immediately, even if a disk hangs. Does nothing for a source without markers. */
export function keepMarkersSwept(access: SourceAccess, logger: Logger): () => void {
  if (access.source.sealedRule.kind !== 'ready') return () => undefined;
  let isFirst = true;
  const sweeps = repeat(async () => {
    if (!isFirst) await sweep(access, logger);
    isFirst = false;
    return SWEEP_INTERVAL_MS;
  });
  return () => sweeps.stop();
}

async function sweep(access: SourceAccess, logger: Logger): Promise<void> {
  try {
    await sweepMarkers(access.disk, await openSource({ ...access, registerIfNew: false }));
  } catch (error) {
    const { code, message } = asWalqError(error);
    logger.debug({ source: access.source.name, code }, `could not remove markers: ${message}`);
  }
}
