/** Gaps of PostgreSQL, where timelines branch. */
import { describe, expect, it } from 'vitest';
import {
  explainGaps,
  GapDetector,
  postgresNaming,
  Timelines,
  type SegmentName,
} from '@walq/wal-core/internal';
import { history, detect, naming, segment } from './detected.ts';

const gap = (after: [number, number], before: [number, number], count: number) => [
  segment(...after).name,
  segment(...before).name,
  count,
];

describe('a switch', () => {
  it('in the middle of a segment leaves no gap: the new timeline has it', () => {
    const there = detect(
      [history(2, [1, 3])],
      [
        [1, [1, 2]],
        [2, [3, 4]],
      ],
    );
    expect(there).toEqual({ gaps: [], unchecked: [] });
  });

  it('leaves no gap where the old timeline continued after it', () => {
    expect(
      detect(
        [history(2, [1, 3])],
        [
          [1, [1, 2, 3, 4, 5]],
          [2, [3, 4]],
        ],
      ).gaps,
    ).toEqual([]);
  });

  it('shows what is missing at the start of the new timeline', () => {
    expect(
      detect(
        [history(2, [1, 3])],
        [
          [1, [1, 2]],
          [2, [5]],
        ],
      ).gaps,
    ).toEqual([gap([1, 2], [2, 5], 2)]);
  });

  it('shows what the old timeline misses before it, together with what the new one misses', () => {
    expect(
      detect(
        [history(2, [1, 5])],
        [
          [1, [1, 2]],
          [2, [5]],
        ],
      ).gaps,
    ).toEqual([gap([1, 2], [2, 5], 2)]);
    expect(
      detect(
        [history(2, [1, 5])],
        [
          [1, [1, 2]],
          [2, [7]],
        ],
      ).gaps,
    ).toEqual([gap([1, 2], [2, 7], 4)]);
  });

  it('needs nothing of the old timeline after it, unless that timeline continued', () => {
    expect(
      detect(
        [history(2, [1, 3])],
        [
          [1, [1, 2, 6]],
          [2, [3]],
        ],
      ).gaps,
    ).toEqual([]);
    expect(
      detect(
        [history(2, [1, 3])],
        [
          [1, [1, 2, 3, 6]],
          [2, [3]],
        ],
      ).gaps,
    ).toEqual([gap([1, 3], [1, 6], 2)]);
  });

  it('leaves no gap where the archive starts after it', () => {
    expect(detect([history(2, [1, 3])], [[2, [7, 8]]])).toEqual({ gaps: [], unchecked: [] });
  });

  it('without a history file is reported as unchecked, and not as a gap', () => {
    expect(
      detect(
        [],
        [
          [1, [1, 2]],
          [2, [7, 8]],
        ],
      ),
    ).toEqual({ gaps: [], unchecked: ['00000002'] });
    expect(detect([], [[2, [7, 8]]]).unchecked).toEqual([]);
  });
});

describe('three timelines', () => {
  const third = history(3, [1, 3], [2, 6]);

  it('in a row form one path', () => {
    expect(
      detect(
        [third],
        [
          [1, [1, 2]],
          [2, [3, 4, 5]],
          [3, [6, 7]],
        ],
      ).gaps,
    ).toEqual([]);
  });

  it('of which the middle one is lost are one gap', () => {
    expect(
      detect(
        [third],
        [
          [1, [1]],
          [3, [7]],
        ],
      ).gaps,
    ).toEqual([gap([1, 1], [3, 7], 5)]);
  });

  it('two of which start within one segment need nothing of the one in between', () => {
    const twice = history(3, [1, 3], [2, 3]);
    expect(
      detect(
        [twice],
        [
          [1, [1, 2]],
          [3, [3, 4]],
        ],
      ).gaps,
    ).toEqual([]);
  });

  it('two of which branch off the first report its missing segments once', () => {
    const histories = [history(2, [1, 8]), history(3, [1, 9])];
    expect(
      detect(histories, [
        [1, [5]],
        [2, [8]],
        [3, [9]],
      ]).gaps,
    ).toEqual([gap([1, 5], [2, 8], 2), gap([1, 5], [3, 9], 1)]);
  });
});

it('counts across a 4 GiB boundary with every segment size', () => {
  for (const [segmentBytes, last] of [
    [16 * 1024 * 1024, '000000FF'],
    [64 * 1024 * 1024, '0000003F'],
    [1024 * 1024, '00000FFF'],
    [1024 * 1024 * 1024, '00000003'],
  ] as const) {
    const named = (name: string) => postgresNaming(segmentBytes).parse(name) as SegmentName;
    const found = new GapDetector(new Timelines([], segmentBytes));
    expect(found.next(named(`0000000100000000${last}`))).toBeUndefined();
    expect(found.next(named('000000010000000100000000'))).toBeUndefined();
    expect(found.next(named('000000010000000100000002'))?.count).toBe(1n);
  }
});

it('a gap acknowledged at a switch covers nothing elsewhere on the old timeline', () => {
  const known = {
    after: segment(1, 2).name,
    before: segment(2, 5).name,
    reason: 'lost',
    by: 'ops',
    at: '2026-01-02T03:04:05.000Z',
  };
  const explain = explainGaps([known], naming);
  expect(explain(segment(1, 2), segment(2, 5))).toBe(known);
  expect(explain(segment(1, 3), segment(2, 5))).toBe(known);
  expect(explain(segment(1, 2), segment(2, 6))).toBeNull();
  expect(explain(segment(1, 20), segment(1, 25))).toBeNull();
});
