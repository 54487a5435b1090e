/** What needs repair at a source, according to its archive alone. */
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
  /** Objects that a full read found corrupt and that still exist. */
  readonly corrupt: readonly CorruptObject[];
  /** Oldest first. */
  readonly quarantined: readonly (ListedRecord & { readonly advice: string })[];
  /** Replacements that are running, or whose process died. */
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

// Releases segments from quarantine, and records who did it.

export interface RepairTarget {
  readonly store: ArchiveStore;
  /** The source's name. */
  readonly source: string;
  readonly log: RepairLog;
}

/** Succeeds also where the segment was already released. */
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

/** The gap, and the operator's explanation. */
interface GapExplanation extends Pick<KnownGap, 'after' | 'before'> {
  readonly reason: string;
  readonly by: string;
}

/**
 * Acknowledges an existing gap and records who did it; the first explanation stays. Rejects with `usage` where there
 * is no
 * such gap.
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
    (done) => (done === 'created' ? 'acknowledged the gap' : 'the gap was already acknowledged'),
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
        ? 'The source has no gaps.'
        : `Run walq repair ${source}, which lists the gaps, each with the command that acknowledges it.`,
  });
}
