import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { acknowledgeGap, explainGaps, listAcknowledgedGaps } from '@walq/wal-core/internal';
import { MemoryStore } from '@walq/conformance';
import { nameOf, newPlace, segmentName } from '../support/place.ts';

const gap = (after: number, before: number, reason = 'lost with disk 3') => ({
  after: nameOf(after),
  before: nameOf(before),
  reason,
  by: 'ops',
  at: '2026-01-02T03:04:05.000Z',
});

const stores = [
  ['on disk', async () => (await newPlace()).store],
  ['in memory', async () => new MemoryStore()],
] as const;

it.each(stores)('keeps the first explanation, %s', async (_where, newStore) => {
  const store = await newStore();
  expect(await acknowledgeGap(store, 'orders', gap(3, 9))).toBe('created');
  expect(await acknowledgeGap(store, 'orders', gap(3, 9, 'another'))).toBe('exists');
  expect(await listAcknowledgedGaps(store, 'orders')).toEqual([gap(3, 9)]);
  expect(await listAcknowledgedGaps(store, 'ledger')).toEqual([]);
});

it('covers a gap that became smaller, and not one that grew', async () => {
  const { source } = await newPlace();
  const explain = explainGaps([gap(3, 9)], source.naming);
  expect(explain(segmentName(3), segmentName(9))).toEqual(gap(3, 9));
  expect(explain(segmentName(5), segmentName(7))).toEqual(gap(3, 9));
  expect(explain(segmentName(2), segmentName(9))).toBeNull();
  expect(explain(segmentName(3), segmentName(10))).toBeNull();
});

it('compares by number where two names have the same one', async () => {
  const { source } = await newPlace();
  const explain = explainGaps([gap(3, 9)], source.naming);
  const other = { name: 'wal-000000000003.bin', number: 3n };
  expect(explain(other, segmentName(9))).toEqual(gap(3, 9));
});

async function acknowledgedAndThen(text: string) {
  const { store, archive } = await newPlace();
  await acknowledgeGap(store, 'orders', gap(3, 9));
  const folder = join(archive, 'orders/_walq/gaps');
  for (const name of await readdir(folder)) await writeFile(join(folder, name), text);
  expect(await listAcknowledgedGaps(store, 'orders')).toEqual([]);
  return store;
}

it.each(['', '{"version":1', '[]', JSON.stringify({ version: 1, source: 'ledger', ...gap(3, 9) })])(
  'a damaged record acknowledges nothing, and is replaced by the next acknowledgement: %s',
  async (text) => {
    const store = await acknowledgedAndThen(text);
    expect(await acknowledgeGap(store, 'orders', gap(3, 9, 'again'))).toBe('created');
    expect(await listAcknowledgedGaps(store, 'orders')).toEqual([gap(3, 9, 'again')]);
  },
);

it('does not replace the record of a newer walq', async () => {
  const store = await acknowledgedAndThen(JSON.stringify({ version: 2, range: '3..9' }));
  await expect(acknowledgeGap(store, 'orders', gap(3, 9))).rejects.toMatchObject({
    code: 'archive-format-unknown',
  });
});
