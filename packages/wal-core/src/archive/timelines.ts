/** PostgreSQL's timeline history files: where a timeline and those before it branched off. */
import { segmentNameAt, startLsn } from '../source/postgres/wal-file.ts';

/** One line: the WAL of `timeline` was followed up to `lsn`, and then left. */
export interface HistoryEntry {
  /** 8 hexadecimal digits. */
  readonly timeline: string;
  readonly lsn: bigint;
}

/** The ancestors of a timeline, the eldest first. */
export interface TimelineHistory {
  readonly timeline: string;
  readonly entries: readonly HistoryEntry[];
}

const linePattern =
  /^\s*(?<timeline>\d{1,10})\s+(?<high>[0-9A-Fa-f]{1,8})\/(?<low>[0-9A-Fa-f]{1,8})(?:\s|$)/;

/**
 * Reads the text of a history file as PostgreSQL does: comments and empty lines say nothing, timelines only
 * ever count up. Undefined for a text that is none.
 */
export function parseHistory(timeline: string, text: string): TimelineHistory | undefined {
  const entries: HistoryEntry[] = [];
  for (const line of text.split('\n')) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const entry = parseLine(line);
    if (entry === undefined || entry.timeline <= (entries.at(-1)?.timeline ?? '')) return undefined;
    entries.push(entry);
  }
  const last = entries.at(-1);
  return last === undefined || last.timeline >= timeline ? undefined : { timeline, entries };
}

function parseLine(line: string): HistoryEntry | undefined {
  const { timeline, high, low } = linePattern.exec(line)?.groups ?? {};
  if (timeline === undefined) return undefined;
  const number = Number(timeline);
  if (number < 1 || number > 0xffff_ffff) return undefined;
  return { timeline: timelineName(number), lsn: (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`) };
}

/** A timeline's number as it stands in file names. */
export const timelineName = (number: number): string =>
  number.toString(16).toUpperCase().padStart(8, '0');

/** Where a timeline begins. */
export interface Branch {
  readonly timeline: string;
  readonly parent: string;
  /** Number of the segment that holds the switch point: the first of the timeline. */
  readonly begin: bigint;
}

/** A stretch of one timeline on the way to another; both bounds are inclusive, those left out are open. */
export interface PathPart {
  readonly timeline: string;
  readonly first?: bigint;
  readonly last?: bigint;
}

/**
 * How the timelines of a cluster branch, in numbers of segments. A parent's number is below its child's, so
 * there are no circles. What no history file tells is not known, and nothing is concluded from it.
 */
export class Timelines {
  readonly #branches = new Map<string, Branch>();
  readonly #children = new Map<string, Branch[]>();
  readonly segmentBytes: number;

  constructor(histories: Iterable<TimelineHistory>, segmentBytes: number) {
    this.segmentBytes = segmentBytes;
    const all = [...histories];
    const branch = (timeline: string, { timeline: parent, lsn }: HistoryEntry): void => {
      if (this.#branches.has(timeline)) return;
      this.#branches.set(timeline, { timeline, parent, begin: lsn / BigInt(segmentBytes) });
    };
    // What a timeline says of itself goes before what its descendants say of it.
    for (const { timeline, entries } of all)
      for (const last of entries.slice(-1)) branch(timeline, last);
    for (const { entries } of all) {
      for (const [at, entry] of entries.entries()) {
        const child = entries[at + 1];
        if (child !== undefined) branch(child.timeline, entry);
      }
    }
    for (const one of this.#branches.values()) {
      this.#children.set(one.parent, [...(this.#children.get(one.parent) ?? []), one]);
    }
  }

  branchOf(timeline: string): Branch | undefined {
    return this.#branches.get(timeline);
  }

  childrenOf(timeline: string): readonly Branch[] {
    return this.#children.get(timeline) ?? [];
  }

  /** Timelines of which a branch is known. */
  get branched(): readonly string[] {
    return [...this.#branches.keys()];
  }

  /** The way that recovery takes to a timeline, from the eldest ancestor that is known. */
  pathTo(timeline: string): readonly PathPart[] {
    const path: PathPart[] = [];
    let last: bigint | undefined;
    for (let at: string | undefined = timeline; at !== undefined;) {
      const branch = this.branchOf(at);
      path.unshift({
        timeline: at,
        ...(branch && { first: branch.begin }),
        ...(last !== undefined && { last }),
      });
      at = branch?.parent;
      // The segment of the switch point is the child's: it begins with a copy of the parent's.
      last = branch === undefined ? undefined : branch.begin - 1n;
    }
    return path;
  }
}

export const isOnPart = ({ first, last }: Omit<PathPart, 'timeline'>, position: bigint): boolean =>
  (first === undefined || first <= position) && (last === undefined || position <= last);

/** Name of the segment of this number on a way; of one behind its end, on the last timeline. */
export function segmentOnPath(
  path: readonly PathPart[],
  position: bigint,
  segmentBytes: number,
): string {
  const part = path.find((one) => isOnPart(one, position)) ?? path.at(-1);
  const lsn = startLsn(position, segmentBytes);
  return segmentNameAt(part?.timeline ?? '', lsn, segmentBytes);
}
