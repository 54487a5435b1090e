/** PostgreSQL's timeline history files: where a timeline and its ancestors branched off. */
import { segmentNameAt, startLsn } from '../source/postgres/wal-file.ts';

/** One line of a history file: `timeline` was followed up to `lsn` and left there. */
export interface HistoryEntry {
  /** 8 hexadecimal digits. */
  readonly timeline: string;
  readonly lsn: bigint;
}

/** The ancestors of a timeline, oldest first. */
export interface TimelineHistory {
  readonly timeline: string;
  readonly entries: readonly HistoryEntry[];
}

const linePattern =
  /^\s*(?<timeline>\d{1,10})\s+(?<high>[0-9A-Fa-f]{1,8})\/(?<low>[0-9A-Fa-f]{1,8})(?:\s|$)/;

/**
 * Parses a history file as PostgreSQL does: comments and empty lines are skipped, and timelines must increase.
 * Undefined
 * for a text that is not a history.
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

/** A timeline's number as file names write it. */
export const timelineName = (number: number): string =>
  number.toString(16).toUpperCase().padStart(8, '0');

/** Where a timeline branches off its parent. */
export interface Branch {
  readonly timeline: string;
  readonly parent: string;
  /** Number of the segment that holds the switch point. It is the first segment of the new timeline. */
  readonly begin: bigint;
}

/** A part of one timeline on the path to another. Both bounds are inclusive; an absent bound is open. */
export interface PathPart {
  readonly timeline: string;
  readonly first?: bigint;
  readonly last?: bigint;
}

/**
 * How the timelines of a cluster branch, in segment numbers. A parent's number is lower than its child's, so there
 * are
 * no cycles. Nothing is concluded about a branch that no history file states.
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
    // A timeline's own history takes precedence over what its descendants state.
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

  /** Timelines whose branch is known. */
  get branched(): readonly string[] {
    return [...this.#branches.keys()];
  }

  /** The path that recovery follows to a timeline, from the oldest known ancestor. */
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
      // The segment of the switch point belongs to the child: it starts with a copy of the parent's.
      last = branch === undefined ? undefined : branch.begin - 1n;
    }
    return path;
  }
}

export const isOnPart = ({ first, last }: Omit<PathPart, 'timeline'>, position: bigint): boolean =>
  (first === undefined || first <= position) && (last === undefined || position <= last);

/** Name of the segment with this number on a path; past the path's end, on the last timeline. */
export function segmentOnPath(
  path: readonly PathPart[],
  position: bigint,
  segmentBytes: number,
): string {
  const part = path.find((one) => isOnPart(one, position)) ?? path.at(-1);
  const lsn = startLsn(position, segmentBytes);
  return segmentNameAt(part?.timeline ?? '', lsn, segmentBytes);
}
