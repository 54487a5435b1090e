/** What a restore is to bring back: the objects, and what is missing among them. */
import { type SegmentRange, aboveFloors, withinRange } from '../range.ts';
import {
  explainGaps,
  listAcknowledgedGaps,
  type KnownGap,
} from '../../archive/acknowledged-gaps.ts';
import { keysInOrder, type OrderedKey } from '../in-order.ts';
import { readFloors } from '../../archive/floor-records.ts';
import type { SegmentNaming } from '../../source/naming.ts';
import { GapJudge } from '../spans/gap-judge.ts';
import type { ArchiveStore } from '../../store/store.ts';
import { TimelineReader } from '../../archive/read-timelines.ts';
import { findMissing } from './find-missing.ts';
import { refuseBelow } from './refuse-below.ts';
import { wantedByLsn, type LsnRange } from './wanted-by-lsn.ts';

export interface WantedOptions {
  readonly store: ArchiveStore;
  readonly source: string;
  readonly naming: SegmentNaming;
  /** Whether a number that is left out is a missing segment. @default false */
  readonly consecutive?: boolean;
  /** Refused where it begins or ends below the prune floor; where it is open, it begins at that. */
  readonly range?: SegmentRange;
  /** Of PostgreSQL, instead of `range`: all that recovery needs on the way to a timeline. */
  readonly lsn?: LsnRange;
}

export interface Wanted {
  /** In order. */
  readonly keys: readonly OrderedKey[];
  /** A bound that is missing itself is one between itself and itself. */
  readonly missing: readonly KnownGap[];
}

/** @throws WalqError `below-prune-floor`, at once, also while the objects are still there */
export async function findWanted(options: WantedOptions): Promise<Wanted> {
  const { store, source, naming, lsn } = options;
  const floors = await readFloors(store, source);
  refuseBelow(floors, options.range);
  const { timelines } = await new TimelineReader(store, source).read(naming);
  const explain = explainGaps(await listAcknowledgedGaps(store, source), naming);
  if (lsn !== undefined) return wantedByLsn({ ...options, lsn, timelines, explain, floors });
  const keys: OrderedKey[] = [];
  const ordered = withinRange(keysInOrder(store, source, naming), options.range);
  for await (const key of aboveFloors(ordered, floors)) keys.push(key);
  if (options.consecutive !== true) return { keys, missing: [] };
  const names = keys.map(({ name }) => name);
  const judge = new GapJudge(timelines);
  return { keys, missing: findMissing({ source, explain, judge }, names, options.range) };
}
