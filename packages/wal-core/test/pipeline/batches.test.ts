import { batchesOf } from '@walq/wal-core/internal';
import { expect, test } from 'vitest';

const limits = { segmentsMax: 3, bytesMax: 100 };

const sizes = (bytes: readonly number[]): number[][] =>
  batchesOf(
    bytes.map((one) => ({ bytes: one })),
    limits,
  ).map((batch) => batch.map((one) => one.bytes));

test.each([
  ['nothing', [], []],
  ['as many segments as allowed', [1, 2, 3, 4], [[1, 2, 3], [4]]],
  ['as many bytes as allowed', [50, 50, 1], [[50, 50], [1]]],
  ['a larger segment alone, and none with it', [1, 101, 1], [[1], [101], [1]]],
  ['empty segments', [0, 0, 100, 0], [[0, 0, 100], [0]]],
])('a batch has %s', (_, bytes, batches) => {
  expect(sizes(bytes)).toEqual(batches);
});
