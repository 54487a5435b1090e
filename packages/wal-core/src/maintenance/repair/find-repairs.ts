/** What there is to repair of a source, by its archive alone. */
import { listCorruptObjects, type CorruptObject } from '../../reading/checks/corrupt-objects.ts';
import { adviceOn } from '../../base/failure/advice.ts';
import {
  listQuarantine,
  releaseFromQuarantine,
  type ListedRecord,
} from '../../archive/quarantine.ts';
import type { ArchiveStore } from '../../store/store.ts';
import { isUnfinished, listRepairs, type Repair, type RepairLog } from '../../archive/repairs.ts';
import { acknowledgeGap, type KnownGap } from '../../archive/acknowledged-gaps.ts';
import { WalqError } from '../../base/failure/walq-error.ts';

export interface NeededRepairs {
  /** Objects that a full read found corrupt, and that are there still. */
  readonly corrupt: readonly CorruptObject[];
  /** The longest set aside first. */
  readonly quarantined: readonly (ListedRecord & { readonly advice: string })[];
  /** Replacements under way, or whose process died. */
  readonly unfinished: readonly Repair[];
}

export async function findRepairs(store: ArchiveStore, source: string): Promise<NeededRepairs> {
  const records = await listQuarantine(store, source);
  const repairs = await listRepairs(store, source);
  return {
    corrupt: await listCorruptObjects(store, source),
    quarantined: records
      .toSorted((a, b) => (a.quarantinedAt < b.quarantinedAt ? -1 : 1))
      .map((record) => ({ ...record, advice: adviceOn(record.code, source, record.segment) })),
    unfinished: repairs.filter(isUnfinished),
  };
}

// Lets segments be archived again that were set aside, and writes down who did.

export interface RepairTarget {
  readonly store: ArchiveStore;
  /** The source's name. */
  readonly source: string;
  readonly log: RepairLog;
}

/** One that somebody else released meanwhile is no failure. */
export async function releaseSegment(
  { store, source, log }: RepairTarget,
  record: ListedRecord,
): Promise<void> {
  const { segment, code, message } = record;
  await log.around(
    { action: 'release', segment, why: `${message} (${code})` },
    () => releaseFromQuarantine(store, source, record),
    () => 'released from quarantine',
  );
}

/** Between which segments, and in whose words. */
interface GapExplanation extends Pick<KnownGap, 'after' | 'before'> {
  readonly reason: string;
  readonly by: string;
}

/**
 * Acknowledges a gap that is there, and writes down who did; the first explanation stands. Rejects with
 * `usage` where there is no such gap.
 */
export async function explainKnownGap(
  { store, source, log }: RepairTarget,
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
