import {
  isBelowFloor,
  patternNaming,
  planRetention,
  type ArchivedFile,
  type Floors,
  type RetentionRules,
  type SegmentName,
} from '@walq/wal-core/internal';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  DAY_MS,
  naming,
  NOW_MS,
  ownerAt,
  parsed,
  readFrom,
  segmentOf,
  trees,
  type Tree,
} from './timeline-tree.ts';

const none: Floors = new Map();

const planOf = (
  files: readonly ArchivedFile[],
  rules: Partial<RetentionRules>,
  standing: Floors = none,
  of = naming,
) =>
  planRetention({ files, standing, naming: of, nowMs: NOW_MS, rules: { keepFrom: [], ...rules } });

const namesIn = (files: readonly ArchivedFile[]): Set<string> =>
  new Set(files.map(({ segment }) => segment.name));

/** Points of the archive's own segments, days and counts, each there or not, but not all left out. */
const drawnRules = fc
  .record({
    points: fc.array(fc.nat(), { maxLength: 3 }),
    keepDays: fc.option(fc.integer({ min: 1, max: 40 })),
    keepSegments: fc.option(fc.integer({ min: 1, max: 60 })),
  })
  .filter((drawn) => drawn.points.length > 0 || (drawn.keepDays ?? drawn.keepSegments) !== null);

type DrawnRules = typeof drawnRules extends fc.Arbitrary<infer T> ? T : never;

function rulesFor({ files }: Tree, { points, keepDays, keepSegments }: DrawnRules): RetentionRules {
  const segments = files.filter(({ segment }) => segment.isAuxiliary !== true);
  return {
    keepFrom: points.map((nth) => (segments[nth % segments.length] as ArchivedFile).segment),
    ...(keepDays !== null && { keepDays }),
    ...(keepSegments !== null && { keepSegments }),
  };
}

const deletedOf = (tree: Tree, rules: RetentionRules, standing?: Floors): Set<string> =>
  namesIn(planOf(tree.files, rules, standing).toDelete);

describe('whatever the timelines and the rules', () => {
  test('nothing at or above a floor, no history and not the newest segment is deleted', () => {
    fc.assert(
      fc.property(trees, drawnRules, (tree, drawn) => {
        const plan = planOf(tree.files, rulesFor(tree, drawn));
        for (const { segment } of plan.toDelete) {
          const floor = plan.floors.get(segment.timeline ?? '')?.segment ?? '';
          expect(segment.name.slice(0, 24) < floor).toBe(true);
          expect(segment.name).not.toMatch(/history$/);
        }
        const segments = tree.files.filter(({ segment }) => segment.isAuxiliary !== true);
        expect(plan.toDelete).not.toContain(segments.at(-1));
      }),
    );
  });

  test('everything that a kept base backup may read is kept, on every timeline that follows from it', () => {
    fc.assert(
      fc.property(trees, drawnRules, (tree, drawn) => {
        const rules = rulesFor(tree, drawn);
        const deleted = deletedOf(tree, rules);
        for (const { name } of rules.keepFrom) {
          for (const branch of tree.branches) {
            const reads = readFrom(branch, 0).map((segment) => segment.name);
            const from = reads.indexOf(name);
            if (from >= 0) expect(reads.slice(from).filter((one) => deleted.has(one))).toEqual([]);
          }
        }
      }),
    );
  });

  test('what is kept of a timeline’s past reaches its end without a gap', () => {
    fc.assert(
      fc.property(trees, drawnRules, (tree, drawn) => {
        const deleted = deletedOf(tree, rulesFor(tree, drawn));
        for (const branch of tree.branches) {
          const isKept = readFrom(branch, 0).map(({ name }) => !deleted.has(name));
          const first = isKept.indexOf(true);
          if (first >= 0) expect(isKept.slice(first)).not.toContain(false);
        }
      }),
    );
  });

  test('rules that keep more never delete more', () => {
    fc.assert(
      fc.property(trees, drawnRules, drawnRules, (tree, some, more) => {
        const rules = rulesFor(tree, some);
        const others = rulesFor(tree, more);
        const deleted = deletedOf(tree, rules);
        const largest = (a?: number, b?: number) => Math.max(a ?? 0, b ?? 0) || undefined;
        const [keepDays, keepSegments] = [
          largest(rules.keepDays, others.keepDays),
          largest(rules.keepSegments, others.keepSegments),
        ];
        const both = deletedOf(tree, {
          keepFrom: [...rules.keepFrom, ...others.keepFrom],
          ...(keepDays !== undefined && { keepDays }),
          ...(keepSegments !== undefined && { keepSegments }),
        });
        expect([...both].filter((name) => !deleted.has(name))).toEqual([]);
      }),
    );
  });

  test('segments archived within the days, and the newest ones of the newest timeline, are kept', () => {
    fc.assert(
      fc.property(trees, drawnRules, (tree, drawn) => {
        const rules = rulesFor(tree, drawn);
        const { keepDays = 0, keepSegments = 0 } = rules;
        const deleted = deletedOf(tree, rules);
        const sinceMs = NOW_MS - keepDays * DAY_MS;
        const young = tree.files.filter(
          ({ segment, archivedAtMs = 0 }) =>
            segment.isAuxiliary !== true && archivedAtMs >= sinceMs,
        );
        if (keepDays > 0)
          for (const { segment } of young) expect(deleted).not.toContain(segment.name);
        const newest = tree.branches.at(-1);
        const line = newest === undefined ? [] : readFrom(newest, 0);
        if (keepSegments === 0) return;
        for (const { name } of line.slice(-keepSegments)) expect(deleted).not.toContain(name);
      }),
    );
  });

  test('a floor never falls', () => {
    fc.assert(
      fc.property(trees, drawnRules, drawnRules, (tree, earlier, later) => {
        const standing = planOf(tree.files, rulesFor(tree, earlier)).floors;
        const before = deletedOf(tree, rulesFor(tree, earlier));
        const plan = planOf(tree.files, rulesFor(tree, later), standing);
        const after = namesIn(plan.toDelete);
        expect([...before].filter((name) => !after.has(name))).toEqual([]);
        expect(planOf(tree.files, rulesFor(tree, later), plan.floors).isRaised).toBe(false);
      }),
    );
  });
});

const wal = (...names: string[]): ArchivedFile[] =>
  names.map((name) => ({ segment: parsed(name), objectBytes: 10, archivedAtMs: NOW_MS }));

const range = (timeline: number, from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => segmentOf(timeline, from + at).name);

describe('PostgreSQL', () => {
  const label = (name: string): SegmentName => parsed(name);

  it('keeps from a base backup on, and later timelines as a whole', () => {
    const files = wal(...range(1, 1, 9), '00000002.history', ...range(2, 6, 8));
    const plan = planOf(files, { keepFrom: [segmentOf(1, 4)] });
    expect([...namesIn(plan.toDelete)]).toEqual(range(1, 1, 3));
    expect(plan.timelines).toEqual([
      {
        timeline: '00000001',
        floor: segmentOf(1, 4).name,
        deletes: { files: 3, bytes: 30 },
        keeps: { files: 6, bytes: 60, first: segmentOf(1, 4).name, last: segmentOf(1, 9).name },
      },
      {
        timeline: '00000002',
        floor: null,
        deletes: { files: 0, bytes: 0 },
        keeps: { files: 3, bytes: 30, first: segmentOf(2, 6).name, last: segmentOf(2, 8).name },
      },
    ]);
  });

  it('keeps a later timeline as a whole also where it branched off below the floor', () => {
    const files = wal(...range(1, 1, 9), '00000002.history', ...range(2, 3, 8));
    const plan = planOf(files, { keepFrom: [segmentOf(1, 6)] });
    expect([...namesIn(plan.toDelete)]).toEqual(range(1, 1, 5));
  });

  it('prunes earlier timelines below a floor, also where they lack that segment', () => {
    const files = wal(...range(1, 1, 4), '00000002.history', ...range(2, 4, 9));
    const plan = planOf(files, { keepFrom: [segmentOf(2, 7)] });
    expect([...namesIn(plan.toDelete)]).toEqual([...range(1, 1, 4), ...range(2, 4, 6)]);
    expect(plan.floors.get('00000001')?.segment).toBe(segmentOf(1, 7).name);
  });

  it('counts the newest segments back across a branch', () => {
    const files = wal(...range(1, 1, 9), '00000002.history', ...range(2, 6, 8));
    const plan = planOf(files, { keepSegments: 5 });
    expect([...namesIn(plan.toDelete)]).toEqual(range(1, 1, 3));
  });

  it('deletes an abandoned timeline as a whole once it is old', () => {
    const old = wal(...range(1, 254, 256)).map((file) => ({ ...file, archivedAtMs: 0 }));
    const files = [...old, ...wal('00000002.history', ...range(2, 255, 260))];
    const plan = planOf(files, { keepDays: 7 });
    expect([...namesIn(plan.toDelete)]).toEqual(range(1, 254, 256));
    expect(plan.floors.get('00000001')?.segment).toBe('000000010000000100000001');
  });

  it('deletes files named after a segment with it, and keeps histories', () => {
    const [backup, partial] = [
      `${segmentOf(1, 2).name}.00000028.backup`,
      `${segmentOf(1, 3).name}.partial`,
    ];
    const files = wal('00000001.history', segmentOf(1, 2).name, backup, partial, ...range(1, 4, 5));
    const plan = planOf(files, { keepFrom: [segmentOf(1, 4)] });
    expect([...namesIn(plan.toDelete)]).toEqual([segmentOf(1, 2).name, backup, partial]);
  });

  it('uses the name of a backup’s label as the segment it is named after', () => {
    const files = wal(...range(1, 1, 5));
    const plan = planOf(files, { keepFrom: [label(`${segmentOf(1, 3).name}.00000028.backup`)] });
    expect([...namesIn(plan.toDelete)]).toEqual(range(1, 1, 2));
  });

  it.each([
    ['of the newest timeline', 2, 10],
    ['of its own timeline', 1, 10],
    ['of all timelines', 3, 1],
  ])('refuses to keep from a segment above the newest %s', (_, timeline, position) => {
    const files = wal(...range(1, 1, 9), ...range(2, 6, 9));
    expect(() => planOf(files, { keepFrom: [segmentOf(timeline, position)] })).toThrow(
      expect.objectContaining({ code: 'segment-unknown' }),
    );
  });

  it('knows where a recovery along a branch reads: the oracle of this test', () => {
    const root = { id: 1, parent: undefined, first: 1, last: 9 };
    const branch = { id: 2, parent: root, first: 6, last: 8 };
    expect(ownerAt(branch, 5)).toBe(root);
    expect(readFrom(branch, 4).map(({ name }) => name)).toEqual([
      ...range(1, 4, 5),
      ...range(2, 6, 8),
    ]);
  });
});

describe('numbered segments', () => {
  const numbered = patternNaming(/^wal-(?<number>\d+)\.bin$/, 10);
  const file = (number: number, ageDays: number | undefined = 0): ArchivedFile => ({
    segment: { name: `wal-${number}.bin`, number: BigInt(number) },
    objectBytes: 10,
    archivedAtMs: ageDays === undefined ? undefined : NOW_MS - ageDays * DAY_MS,
  });
  const plan = (files: readonly ArchivedFile[], rules: Partial<RetentionRules>) =>
    planOf(files, rules, none, numbered);

  it('keeps what any rule keeps', () => {
    const files = [1, 2, 3, 4, 5, 6].map((number) => file(number, 7 - number));
    const numbersKept = (rules: Partial<RetentionRules>) =>
      plan(files, rules).timelines[0]?.keeps.files;
    expect(numbersKept({ keepDays: 3 })).toBe(3);
    expect(numbersKept({ keepSegments: 2 })).toBe(2);
    expect(numbersKept({ keepFrom: [file(3).segment] })).toBe(4);
    expect(numbersKept({ keepDays: 3, keepSegments: 5 })).toBe(5);
    expect(numbersKept({ keepDays: 3, keepSegments: 2, keepFrom: [file(3).segment] })).toBe(4);
  });

  it('keeps everything after the oldest one within the days, and the newest when all are old', () => {
    const files = [file(1, 9), file(2, 1), file(3, 9), file(4, 1)];
    expect([...namesIn(plan(files, { keepDays: 3 }).toDelete)]).toEqual(['wal-1.bin']);
    const old = [file(1, 9), file(2, 9), file(3, 9)];
    expect([...namesIn(plan(old, { keepDays: 3 }).toDelete)]).toEqual(['wal-1.bin', 'wal-2.bin']);
  });

  it('keeps nothing because of an object without a time', () => {
    const files = [{ ...file(1), archivedAtMs: undefined }, file(2, 9), file(3, 1)];
    expect(plan(files, { keepDays: 3 }).toDelete).toHaveLength(2);
  });

  it('raises the floor to a segment that does not exist', () => {
    const files = [file(1), file(2), file(8)];
    const { floors, toDelete } = plan(files, { keepFrom: [file(5).segment] });
    expect(floors.get('')?.segment).toBe('wal-5.bin');
    expect(toDelete).toHaveLength(2);
    expect(isBelowFloor(floors, file(4).segment)).toBe(true);
    expect(isBelowFloor(floors, file(5).segment)).toBe(false);
  });

  it('deletes nothing in an empty archive, or where everything is kept', () => {
    expect(plan([], { keepSegments: 1 })).toMatchObject({ isRaised: false, toDelete: [] });
    expect(plan([file(1), file(2)], { keepSegments: 9 })).toMatchObject({ isRaised: false });
  });
});
