import { acknowledgeGap, type KnownGap } from '../../archive/acknowledged-gaps.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import type { RepairPlace } from './release.ts';

/** Between which segments, and in whose words. */
export interface GapExplanation extends Pick<KnownGap, 'after' | 'before'> {
  readonly reason: string;
  readonly by: string;
}

/**
 * Acknowledges a gap that is there, and writes down who did; the first explanation stands. Rejects with
 * `usage` where there is no such gap.
 */
export async function explainKnownGap(
  { store, source, log }: RepairPlace,
  gaps: readonly KnownGap[],
  { after, before, reason, by }: GapExplanation,
): Promise<'created' | 'exists'> {
  requireGap(source, gaps, { after, before });
  return log.around(
    { action: 'acknowledge-gap', why: `${reason} (between ${after} and ${before})` },
    () =>
      acknowledgeGap(store, source, { after, before, reason, by, at: new Date().toISOString() }),
    (done) => (done === 'created' ? 'the gap is acknowledged' : 'the gap was acknowledged before'),
  );
}

/** The gap between two segments. @throws WalqError `usage` where there is none */
export function requireGap(
  source: string,
  gaps: readonly KnownGap[],
  { after, before }: Pick<KnownGap, 'after' | 'before'>,
): KnownGap {
  const gap = gaps.find((one) => one.after === after && one.before === before);
  if (gap !== undefined) return gap;
  throw new WalqError('usage', {
    message: `source '${source}' has no gap between '${after}' and '${before}'`,
    hint:
      gaps.length === 0
        ? 'It has no gaps at all.'
        : `Look again: walq repair ${source} lists its gaps, each with the command that acknowledges it.`,
  });
}
