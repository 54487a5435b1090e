import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  archiveKeyOf,
  compareSegments,
  keyPath,
  missingBetween,
  parseLsn,
  parseWalFile,
  postgresNaming,
  segmentNameAt,
  type SegmentName,
} from '@walq/wal-core/internal';

const MIB = 1024 * 1024;
const naming = postgresNaming(16 * MIB);

function named(name: string, by = naming): SegmentName {
  const segment = by.parse(name);
  if (segment === undefined) throw new Error(`${name} was not understood`);
  return segment;
}

test.each([
  ['000000010000000000000001', 'segment'],
  ['0000000A000000FF000000FF', 'segment'],
  ['00000002.history', 'history'],
  ['000000010000000000000004.00000028.backup', 'backup'],
  ['000000010000000000000009.partial', 'partial'],
  ['00000002.empty.history', 'history'],
  ['000000010000000000000004.00000028.empty.backup', 'backup'],
])('%s is a %s', (name, kind) => {
  expect(parseWalFile(name)?.kind).toBe(kind);
  expect(named(name).name).toBe(name);
});

test.each([
  '00000001000000000000000',
  '0000000100000000000000010',
  '00000001000000000000000g',
  '00000001000000000000000a',
  '000000010000000000000001.ready',
  '000000010000000000000001.partial.x',
  '../00000002.history',
  'RECOVERYXLOG',
  '',
])('%s is not a WAL file', (name) => {
  expect(naming.parse(name)).toBeUndefined();
});

test('a position that segments of this size cannot have is not a segment', () => {
  expect(naming.parse('000000010000000000000100')).toBeUndefined();
  expect(postgresNaming(MIB).parse('000000010000000000000100')).toBeDefined();
});

test.each([1, 16, 64, 1024])('segments of %i MiB follow each other without a gap', (mib) => {
  const sized = postgresNaming(mib * MIB);
  const bytes = BigInt(mib * MIB);
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 50n }), (lsn) => {
      const here = named(segmentNameAt('00000001', lsn, mib * MIB), sized);
      const next = named(segmentNameAt('00000001', lsn + bytes, mib * MIB), sized);
      const third = named(segmentNameAt('00000001', lsn + 2n * bytes, mib * MIB), sized);
      expect(compareSegments(here, next)).toBe(-1);
      expect(missingBetween(here, next)).toBe(0n);
      expect(missingBetween(here, third)).toBe(1n);
    }),
  );
});

test('the last segment of 4 GiB is followed by the first of the next', () => {
  const last = named('0000000100000000000000FF');
  expect(missingBetween(last, named('000000010000000100000000'))).toBe(0n);
  expect(missingBetween(last, named('000000010000000100000002'))).toBe(2n);
});

test('histories come first, then timeline by timeline; two timelines are no gap', () => {
  const names = [
    '00000002.history',
    '00000003.history',
    '000000010000000000000003',
    '000000010000000000000004',
    '000000010000000000000004.00000028.backup',
    '000000010000000000000004.partial',
    '000000020000000000000004',
  ];
  const sorted = names
    .toReversed()
    .map((name) => named(name))
    .toSorted(compareSegments);
  expect(sorted.map(({ name }) => name)).toEqual(names);
  expect(missingBetween(named('000000010000000000000002'), named('000000020000000000000009'))).toBe(
    0n,
  );
});

test('the shard is timeline and 4 GiB of a segment, the timeline of a history', () => {
  const keys = ['0000000200000001000000FE', '00000002.history', '000000020000000100000004.partial'];
  expect(keys.map((name) => keyPath(archiveKeyOf('main', named(name))))).toEqual([
    'main/0000000200000001/0000000200000001000000FE.zst',
    'main/00000002/00000002.history.zst',
    'main/0000000200000001/000000020000000100000004.partial.zst',
  ]);
});

test('an LSN is read as PostgreSQL prints it', () => {
  expect(parseLsn('0/1500000')).toBe(0x1500000n);
  expect(parseLsn('1A/ff')).toBe(0x1a_0000_00ffn);
  for (const text of ['', '0', '0/', '0/123456789', 'x/1']) expect(parseLsn(text)).toBeUndefined();
});
