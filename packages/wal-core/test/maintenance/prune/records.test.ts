/** Records about single objects are removed with them, so that their number is bounded by that of the objects. */
import { createHash, randomUUID } from 'node:crypto';
import { utimes } from 'node:fs/promises';
import { admitInstance, recordChecks } from '@walq/wal-core/internal';
import { expect, it } from 'vitest';
import { nameOf, type Place } from '../../support/place.ts';
import { archivedPlace, HOUR_MS, keyOf, leftIn, numbersTo, pruned } from './pruned-place.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Segments 1 to 8 were touched and compared, and are known to another instance; 2 and 9 were found corrupt. */
async function recordedPlace(): Promise<Place> {
  const place = await archivedPlace({ afterArchive: 'keep' });
  const instance = randomUUID();
  const said = {
    systemIdentifier: '1',
    dataDirectory: '/',
    host: 'db2',
    at: '2026-11-30T00:00:00Z',
  };
  await admitInstance(place.store, 'orders', { instance, ...said });
  for (const number of numbersTo(8)) {
    await utimes(place.pathOf(number), 1_000_000, 1_000_000);
    await place.archive1(number);
    const name = hash(JSON.stringify([instance, nameOf(number)]));
    await place.store.records.create('orders', `kept/${name}`, '{}');
  }
  const fault = { code: 'object-corrupt', message: 'it does not decode' } as const;
  const checked = [2, 9].map((number) => ({ object: { key: keyOf(number) }, fault }));
  await recordChecks(place.store, { known: [], checked: checked as never, by: 'maria@db1' });
  return place;
}

const countsOf = async (place: Place) => ({
  kept: (await place.recordNames('kept')).length,
  corrupt: (await place.recordNames('corrupt')).length,
});

it('removes the records of what it removes, and no other', async () => {
  const place = await recordedPlace();
  expect(await countsOf(place)).toEqual({ kept: 16, corrupt: 2 });
  await pruned(place, { graceMs: HOUR_MS });
  expect(await countsOf(place)).toEqual({ kept: 16, corrupt: 2 });
  await pruned(place);
  expect(await leftIn(place)).toEqual(numbersTo(10, 6));
  expect(await countsOf(place)).toEqual({ kept: 6, corrupt: 1 });
});

it('leaves no record behind where it is interrupted', async () => {
  const place = await recordedPlace();
  const onStep = (step: string, what: string) => {
    if (step === 'remove' && what === nameOf(3)) throw new Error('the power went off');
  };
  await expect(pruned(place, { onStep })).rejects.toThrow('the power went off');
  await pruned(place);
  expect(await leftIn(place)).toEqual(numbersTo(10, 6));
  expect(await countsOf(place)).toEqual({ kept: 6, corrupt: 1 });
});
