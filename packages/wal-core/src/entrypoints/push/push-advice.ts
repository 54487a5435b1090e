/** What to do about a failure that a push of PostgreSQL's meets: nothing is in quarantine, and it asks again by itself. */
import { WalqError } from '../../base/failure/walq-error.ts';
import type { FailureCode } from '../../base/failure/catalogue.ts';
import { parseWalFile } from '../../source/postgres/wal-file.ts';

const ASKS_AGAIN = 'PostgreSQL asks again by itself';

const advice: Partial<Record<FailureCode, string>> = {
  'segment-malformed': `Look at the file before anything else writes there. ${ASKS_AGAIN}: once the file is right, it is archived.`,
  duplicate: `The archive holds other content under this name and replaces nothing. If two servers write one timeline, stop the wrong one; if the object is the wrong one, move it out of the archive. ${ASKS_AGAIN}.`,
};

/** The same failure, with what helps here where the catalogue speaks of the quarantine. */
export function asPushFailure(failure: WalqError, segment: string): WalqError {
  const hint =
    failure.code === 'duplicate' && parseWalFile(segment)?.kind === 'history'
      ? twoPromotions(segment)
      : advice[failure.code];
  if (hint === undefined) return failure;
  const { code, message, cause, stack } = failure;
  return Object.assign(new WalqError(code, { message, hint, cause }), { stack });
}

const twoPromotions = (history: string): string =>
  `Two servers were promoted to timeline ${history.slice(0, 8)}, and the archive can follow one of them. Decide which one is the database, and stop the other. To keep both, archive this one under another source name. If the archived history is the wrong one, move its object and the segments of its timeline out of the archive. ${ASKS_AGAIN}.`;
