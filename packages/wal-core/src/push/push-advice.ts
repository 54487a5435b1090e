/** What to do about a failure that a push of PostgreSQL's meets: nothing is in quarantine, and it asks again by itself. */
import { WalqError, type FailureCode } from '../failure/index.ts';

const advice: Partial<Record<FailureCode, string>> = {
  'segment-malformed':
    'Look at the file before anything else writes there. PostgreSQL asks again by itself: once the file is right, it is archived.',
  duplicate:
    'The archive holds other content under this name and replaces nothing. If two servers write one timeline, stop the wrong one; if the object is the wrong one, move it out of the archive. PostgreSQL asks again by itself.',
};

/** The same failure, with what helps here where the catalogue speaks of the quarantine. */
export function asPushFailure(failure: WalqError): WalqError {
  const hint = advice[failure.code];
  if (hint === undefined) return failure;
  const { code, message, cause, stack } = failure;
  return Object.assign(new WalqError(code, { message, hint, cause }), { stack });
}
