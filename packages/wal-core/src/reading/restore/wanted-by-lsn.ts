/** PostgreSQL's segments by where they lie in the WAL: those that recovery reads on its way to a timeline. */
import { WalqError } from '../../base/failure/walq-error.ts';
import type { ExplainGap } from '../../archive/acknowledged-gaps.ts';
import { aboveFloors } from '../range.ts';
import { keysInOrder, type OrderedKey } from '../in-order.ts';
import type { Floors } from '../../archive/floor.ts';
import { positionOf } from '../../source/gaps.ts';
import type { SegmentName } from '../../source/segment-name.ts';
import { isOnPart, segmentOnPath, type PathPart, type Timelines } from '../../archive/timelines.ts';
import type { Missing } from '../spans/gap-judge.ts';
import { findMissing } from './find-missing.ts';
import { refuseBelow } from './refuse-below.ts';
import type { Wanted, WantedOptions } from './wanted.ts';

/**
 * Log sequence numbers: the segments that hold them are among those wanted. One on the border of two segments ends
 * in the first of them, as `pg_walfile_name` says, and begins with the second.
 */
export interface LsnRange {
  /** 8 hexadecimal digits. @default the latest that the archive knows */
  readonly timeline?: string;
  /** @default the beginning of the archive */
  readonly from?: bigint;
  /** @default the end of the archive */
  readonly until?: bigint;
}

interface ByLsn extends WantedOptions {
  readonly lsn: LsnRange;
  readonly timelines: Timelines;
  readonly explain: ExplainGap;
  readonly floors: Floors;
}

export async function wantedByLsn(options: ByLsn): Promise<Wanted> {
  const { store, source, naming, timelines, lsn, explain, floors } = options;
  if (naming.rule.kind !== 'postgres') {
    throw new WalqError('usage', {
      message: `'${source}' is no PostgreSQL source: its segments have no log sequence numbers`,
      hint: 'Name segments: --from, --until.',
    });
  }
  const all: OrderedKey[] = [];
  for await (const key of aboveFloors(keysInOrder(store, source, naming), floors)) all.push(key);
  const timeline = lsn.timeline ?? latestOf(all, timelines);
  const way = new Way(timelines.pathTo(timeline), lsn, naming.rule.segmentBytes);
  const [from, until] = [way.first, way.last].map((bound) => bound && naming.parse(bound));
  const range = { ...(from && { from }), ...(until && { until }) };
  refuseBelow(floors, range);
  const keys = all.filter(({ name }) => way.holds(name) || way.needsHistory(name));
  const names = keys.map(({ name }) => name);
  return { keys, missing: findMissing({ source, explain, judge: new ByNumber() }, names, range) };
}

function latestOf(all: readonly OrderedKey[], timelines: Timelines): string {
  const there = all.map(({ name }) => name.timeline ?? '');
  const known = [...timelines.branched, ...there];
  return known.reduce((latest, one) => (one > latest ? one : latest), '00000001');
}

class Way {
  readonly #path: readonly PathPart[];
  readonly #first: bigint | undefined;
  readonly #last: bigint | undefined;
  readonly #segmentBytes: number;

  constructor(path: readonly PathPart[], { from, until }: LsnRange, segmentBytes: number) {
    this.#path = path;
    const size = BigInt(segmentBytes);
    this.#first = from === undefined ? undefined : from / size;
    const last = until === undefined || until === 0n ? until : (until - 1n) / size;
    this.#last = last !== undefined && last < (this.#first ?? 0n) ? this.#first : last;
    this.#segmentBytes = segmentBytes;
  }

  holds(name: SegmentName): boolean {
    if (name.isBeside === true) return false;
    const position = positionOf(name);
    const part = this.#path.find(({ timeline }) => timeline === name.timeline);
    return part !== undefined && isOnPart(part, position) && isOnPart(this.#bounds(), position);
  }

  /** Recovery finds its way by them: all of it, whatever part of the WAL is wanted. */
  needsHistory({ name }: SegmentName): boolean {
    return this.#path.some(({ timeline }) => name === `${timeline}.history`);
  }

  /** Names of the segments that hold the bounds. */
  get first(): string | undefined {
    return this.#first === undefined ? undefined : this.#nameAt(this.#first);
  }

  get last(): string | undefined {
    return this.#last === undefined ? undefined : this.#nameAt(this.#last);
  }

  #bounds() {
    return {
      ...(this.#first !== undefined && { first: this.#first }),
      ...(this.#last !== undefined && { last: this.#last }),
    };
  }

  #nameAt(position: bigint): string {
    return segmentOnPath(this.#path, position, this.#segmentBytes);
  }
}

/** On one way each number stands for one segment, whatever timeline it is on. */
class ByNumber {
  #last: SegmentName | undefined;

  next(segment: SegmentName): Missing | undefined {
    const after = this.#last;
    this.#last = segment;
    const count = after === undefined ? 0n : positionOf(segment) - positionOf(after) - 1n;
    return after === undefined || count <= 0n ? undefined : { after, count };
  }
}
