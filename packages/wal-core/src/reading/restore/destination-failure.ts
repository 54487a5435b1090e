import { errnoOf, reasonOf } from '../../base/failure/system-error.ts';
import { WalqError } from '../../base/failure/walq-error.ts';

/** A failed system call at the destination, as a failure of the catalogue. */
export const destinationFailure =
  (path: string) =>
  (cause: unknown): never => {
    const isFull = ['ENOSPC', 'EDQUOT'].includes(errnoOf(cause) ?? '');
    throw new WalqError(isFull ? 'destination-full' : 'destination-io', {
      message: `unable to write ${path}: ${reasonOf(cause)}`,
      cause,
    });
  };
