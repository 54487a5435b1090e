/** A PostgreSQL archive with timelines that branch, and what a recovery along one of them reads: the oracle. */
import {
  compareSegments,
  postgresNaming,
  segmentNameAt,
  startLsn,
  type ArchivedFile,
  type SegmentName,
} from '@walq/wal-core/internal';
import fc from 'fast-check';

export const SEGMENT_BYTES = 16 * 1024 * 1024;
export const naming = postgresNaming(SEGMENT_BYTES);
export const DAY_MS = 24 * 60 * 60 * 1000;
export const NOW_MS = Date.parse('2026-11-27T00:00:00Z');

interface Branch {
  readonly id: number;
  readonly parent: Branch | undefined;
  /** Positions of its first and last segment; the first is also the parent's. */
  readonly first: number;
  readonly last: number;
}

export interface Tree {
  readonly branches: readonly Branch[];
  readonly files: readonly ArchivedFile[];
}

export function segmentOf(timeline: number, position: number): SegmentName {
  const id = timeline.toString(16).toUpperCase().padStart(8, '0');
  return parsed(segmentNameAt(id, startLsn(BigInt(position), SEGMENT_BYTES), SEGMENT_BYTES));
}

export function parsed(name: string): SegmentName {
  const segment = naming.parse(name);
  if (segment === undefined) throw new Error(`${name} is no segment`);
  return segment;
}

/** On which timeline a recovery along a branch reads a position. */
export const ownerAt = (branch: Branch, position: number): Branch =>
  position >= branch.first || branch.parent === undefined
    ? branch
    : ownerAt(branch.parent, position);

/** Segments that a recovery along a branch reads from a position on, in their order. */
export const readFrom = (branch: Branch, position: number): SegmentName[] =>
  Array.from({ length: Math.max(0, branch.last - position + 1) }, (_, at) => position + at)
    .filter((at) => at >= ownerAt(branch, at).first)
    .map((at) => segmentOf(ownerAt(branch, at).id, at));

const draws = fc.array(
  fc.record({ parent: fc.nat(), at: fc.nat(), length: fc.integer({ min: 1, max: 30 }) }),
  { minLength: 1, maxLength: 6 },
);

/** Positions reach over PostgreSQL's 256 segments of each 4 GiB. */
export const trees: fc.Arbitrary<Tree> = fc
  .record({ draws, first: fc.integer({ min: 230, max: 260 }), ages: fc.infiniteStream(fc.nat(40)) })
  .map(({ draws: drawn, first, ages }) => {
    const branches: Branch[] = [];
    for (const { parent: nth, at, length } of drawn) {
      const parent = branches[nth % Math.max(1, branches.length)];
      const from =
        parent === undefined ? first : parent.first + (at % (parent.last - parent.first + 1));
      branches.push({ id: branches.length + 1, parent, first: from, last: from + length - 1 });
    }
    return {
      branches,
      files: branches.flatMap((branch) => filesOf(branch, ages)).toSorted(byName),
    };
  });

const byName = (a: ArchivedFile, b: ArchivedFile) => compareSegments(a.segment, b.segment);

function filesOf({ id, parent, first, last }: Branch, ages: Iterator<number>): ArchivedFile[] {
  const positions = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  const segments = positions.map((position) => segmentOf(id, position));
  const hex = id.toString(16).toUpperCase().padStart(8, '0');
  const auxiliary = [`${segmentOf(id, first).name}.00000028.backup`];
  if (parent !== undefined) auxiliary.push(`${hex}.history`);
  return [...segments, ...auxiliary.map(parsed)].map((segment) => ({
    segment,
    objectBytes: 100,
    archivedAtMs: NOW_MS - Number(ages.next().value) * DAY_MS,
  }));
}
