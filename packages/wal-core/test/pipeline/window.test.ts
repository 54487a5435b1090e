import { readFile } from 'node:fs/promises';
import { ClusterFiles } from '@walq/test-support';
import { expect, test } from 'vitest';
import { newPlace } from '../support/place.ts';

const MEBIBYTE = 1024 * 1024;
const wal = new ClusterFiles('anywhere', { segmentBytes: 4 * MEBIBYTE });
const segment = wal.segment('000000010000000000000001');
const text = Buffer.from('what was written, is written and will be written\n'.repeat(100_000));

/** As RFC 8878 has it in the header of a frame that does not hold its content in one piece. */
async function windowOf(content: Uint8Array, level: number): Promise<number> {
  const place = await newPlace({ segments: { 1: content, 2: 'newest' }, flushedUpTo: 1 });
  await place.archive1(1, { level });
  const object = await readFile(place.objectPath(1));
  const isSingle = ((object[4] ?? 0) & 0x20) !== 0;
  expect(isSingle).toBe(false);
  return 2 ** (10 + ((object[5] ?? 0) >> 3));
}

test('for WAL at level 3 the window fits a CPU cache, whatever the source’s name', async () => {
  expect(await windowOf(segment, 3)).toBe(256 * 1024);
});

test.each([
  ['text', text, 3],
  ['WAL of another length than it states', segment.subarray(0, 3 * MEBIBYTE), 3],
  ['WAL at a level for who wants every match', segment, 4],
])('for %s the window is that of the level', async (_, content, level) => {
  expect(await windowOf(content, level)).toBeGreaterThanOrEqual(MEBIBYTE);
});
