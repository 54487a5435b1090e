/** What pruning by some rules would do: a pure function of the archive, its floors, the rules and the time. */
import type { SegmentNaming } from '../../source/naming.ts';
import { covers, isBelowFloor, lineOf, raise, type Floors } from '../../archive/floor.ts';
import { planFloors } from './plan-floors.ts';
import type { RetentionRules } from './rules.ts';
import type { ArchivedFile } from './timelines.ts';

export interface PrunePlan {
  /** All that shall stand: none lower than before. */
  readonly floors: Floors;
  /** Whether that is more than stands now. */
  readonly isRaised: boolean;
  /** What lies below them, in the order of the archive. */
  readonly doomed: readonly ArchivedFile[];
  /** In the order of the timelines. */
  readonly timelines: readonly TimelinePlan[];
}

export interface TimelinePlan {
  /** Null where segments are numbered. */
  readonly timeline: string | null;
  /** The first segment that is kept; null where all are. */
  readonly floor: string | null;
  readonly deletes: Amount;
  readonly keeps: Amount & { readonly first: string | null; readonly last: string | null };
}

/** Files of the archive: segments and what lies beside them, but not histories. */
export interface Amount {
  readonly files: number;
  /** Of the objects. */
  readonly bytes: number;
}

export interface PlanInput {
  /** In the archive's order. */
  readonly files: readonly ArchivedFile[];
  readonly standing: Floors;
  readonly rules: RetentionRules;
  readonly naming: SegmentNaming;
  readonly nowMs: number;
}

/** @throws WalqError `segment-unknown`, see `planFloors` */
export function planPrune({ files, standing, rules, naming, nowMs }: PlanInput): PrunePlan {
  const floors = raise(standing, planFloors(files, rules, naming, nowMs));
  const doomed = files.filter(({ segment }) => isBelowFloor(floors, segment));
  return {
    floors,
    isRaised: !covers(standing, floors),
    doomed,
    timelines: describe(files, floors),
  };
}

function describe(files: readonly ArchivedFile[], floors: Floors): TimelinePlan[] {
  const byTimeline = new Map<string, { kept: ArchivedFile[]; doomed: ArchivedFile[] }>();
  for (const file of files) {
    if (file.segment.name.endsWith('.history') && file.segment.isBeside === true) continue;
    const timeline = lineOf(file.segment);
    const found = byTimeline.get(timeline) ?? { kept: [], doomed: [] };
    byTimeline.set(timeline, found);
    (isBelowFloor(floors, file.segment) ? found.doomed : found.kept).push(file);
  }
  return [...byTimeline].map(([timeline, { kept, doomed }]) => {
    const segments = kept.filter(({ segment }) => segment.isBeside !== true);
    const [first, last] = [segments[0], segments.at(-1)].map((file) => file?.segment.name ?? null);
    return {
      timeline: timeline === '' ? null : timeline,
      floor: floors.get(timeline)?.segment ?? null,
      deletes: amountOf(doomed),
      keeps: { ...amountOf(kept), first: first ?? null, last: last ?? null },
    };
  });
}

export const amountOf = (files: readonly ArchivedFile[]): Amount => ({
  files: files.length,
  bytes: files.reduce((sum, { objectBytes }) => sum + objectBytes, 0),
});
