import { isWalqError } from './walq-error.ts';

/**
 * True for a failure that may affect the whole archive and not just one object. A failed fsync may be either; the probe
 * of the archive, which fsyncs a file of its own, shows which within about a second.
 */
export const isStoreFailure = (error: unknown): boolean =>
  isWalqError(error, 'store-unavailable', 'store-full', 'store-read-only', 'store-fsync-failed');
