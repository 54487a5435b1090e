import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseHistory, Timelines, timelineName } from '@walq/wal-core/internal';

const SEGMENT_BYTES = 16 * 1024 * 1024;

it('reads what PostgreSQL writes', () => {
  const text =
    '1\t0/3000148\tno recovery target specified\n\n' +
    '2\t1/FF0000A0\tbefore 2026-01-31 10:00:00.5+00\n';
  expect(parseHistory('00000003', text)).toEqual({
    timeline: '00000003',
    entries: [
      { timeline: '00000001', lsn: 0x300_0148n },
      { timeline: '00000002', lsn: 0x1_ff00_00a0n },
    ],
  });
});

it('skips comments, and reads lines that begin with spaces', () => {
  const text = '# begun on db1\n   1  0/3000000 \n';
  expect(parseHistory('00000002', text)?.entries).toEqual([
    { timeline: '00000001', lsn: 0x300_0000n },
  ]);
});

it.each([
  ['empty', ''],
  ['no line of it', 'what is this\n'],
  ['no position', '1\n'],
  ['its own ancestor', '2\t0/3000000\tx\n'],
  ['counts down', '3\t0/3000000\tx\n1\t0/4000000\tx\n'],
  ['timeline 0', '0\t0/3000000\tx\n'],
])('does not parse a text that is not a history: %s', (_what, text) => {
  expect(parseHistory('00000002', text)).toBeUndefined();
});

it('reads back every history', () => {
  const entry = fc.record({
    timeline: fc.integer({ min: 1, max: 0xffff_fffe }),
    lsn: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  });
  const history = fc.uniqueArray(entry, { selector: ({ timeline }) => timeline, minLength: 1 });
  fc.assert(
    fc.property(history, (entries) => {
      const sorted = entries.toSorted((a, b) => a.timeline - b.timeline);
      const hex = (part: bigint) => part.toString(16).toUpperCase();
      const text = sorted.map(
        ({ timeline, lsn }) => `${timeline}\t${hex(lsn >> 32n)}/${hex(lsn & 0xffff_ffffn)}\twhy\n`,
      );
      expect(parseHistory('FFFFFFFF', text.join(''))?.entries).toEqual(
        sorted.map(({ timeline, lsn }) => ({ timeline: timelineName(timeline), lsn })),
      );
    }),
  );
});

const entry = (timeline: string, segment: bigint, offset = 0n) => ({
  timeline,
  lsn: segment * BigInt(SEGMENT_BYTES) + offset,
});

it('knows the path to a timeline, and that the segment of a switch belongs to the new timeline', () => {
  const third = {
    timeline: '00000003',
    entries: [entry('00000001', 4n, 40n), entry('00000002', 9n)],
  };
  const timelines = new Timelines([third], SEGMENT_BYTES);
  expect(timelines.pathTo('00000003')).toEqual([
    { timeline: '00000001', last: 3n },
    { timeline: '00000002', first: 4n, last: 8n },
    { timeline: '00000003', first: 9n },
  ]);
  expect(timelines.pathTo('00000001')).toEqual([{ timeline: '00000001' }]);
  expect(timelines.pathTo('00000007')).toEqual([{ timeline: '00000007' }]);
});

it('prefers a timeline’s own history to its descendants’', () => {
  const second = { timeline: '00000002', entries: [entry('00000001', 4n)] };
  const third = {
    timeline: '00000003',
    entries: [entry('00000001', 6n), entry('00000002', 9n)],
  };
  const timelines = new Timelines([third, second], SEGMENT_BYTES);
  expect(timelines.branchOf('00000002')).toEqual({
    timeline: '00000002',
    parent: '00000001',
    begin: 4n,
  });
});
