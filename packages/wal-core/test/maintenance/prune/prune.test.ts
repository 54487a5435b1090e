import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createDueView,
  createInspector,
  isBelowFloor,
  nodeDisk,
  planPrune,
  readFloors,
  restoreRange,
  verifyArchive,
  WalqError,
  type ArchiveStore,
  type SegmentRange,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { describe, expect, it, test } from 'vitest';
import { nameOf, segmentName, type Place } from '../../support/place.ts';
import {
  archivedPlace,
  HOUR_MS,
  keyOf,
  leftIn,
  numbersTo,
  optionsOf,
  pruned,
  recordsOf,
} from './pruned-place.ts';

/** The same store with some calls replaced. */
const storeWith = (store: ArchiveStore, calls: Partial<ArchiveStore>): ArchiveStore => ({
  ...store,
  ...calls,
});

describe('pruning', () => {
  it('removes what is below the floor, reports how much, and has nothing to do the next time', async () => {
    const place = await archivedPlace();
    const report = await pruned(place);
    expect(report).toMatchObject({
      removed: { files: 5 },
      held: [],
      failed: [],
      waitingUntilMs: null,
    });
    expect(report.removed.bytes).toBe(report.plan.timelines[0]?.deletes.bytes);
    expect(await leftIn(place)).toEqual(numbersTo(10, 6));
    const again = await pruned(place);
    expect(again).toMatchObject({ removed: { files: 0 }, plan: { isRaised: false, toDelete: [] } });
    expect(await recordsOf(place)).toHaveLength(1);
  });

  it('waits for the grace period of the floor, which counts from the first time it was raised', async () => {
    const place = await archivedPlace();
    const before = Date.now();
    const first = await pruned(place, { graceMs: HOUR_MS });
    expect(first).toMatchObject({ removed: { files: 0 }, waiting: { files: 5 } });
    expect(first.waitingUntilMs).toBeGreaterThanOrEqual(before + HOUR_MS);
    expect(await leftIn(place)).toEqual(numbersTo(10));
    expect(isBelowFloor(await readFloors(place.store, 'orders'), segmentName(5))).toBe(true);

    const second = await pruned(place, { graceMs: HOUR_MS });
    expect(second.waitingUntilMs).toBe(first.waitingUntilMs);
    expect(await pruned(place, { graceMs: 0 })).toMatchObject({ removed: { files: 5 } });
  });

  it('removes what is below an older floor while a younger one is in its grace period', async () => {
    const place = await archivedPlace();
    await pruned(place, { keepFrom: 4, graceMs: HOUR_MS });
    await ageRecords(place, 2 * HOUR_MS);
    const report = await pruned(place, { keepFrom: 8, graceMs: HOUR_MS });
    expect(report).toMatchObject({ removed: { files: 3 }, waiting: { files: 4 } });
    expect(await leftIn(place)).toEqual(numbersTo(10, 4));
    expect(await recordsOf(place)).toHaveLength(2);

    await pruned(place, { keepFrom: 8 });
    expect(await recordsOf(place)).toHaveLength(1);
    expect((await readFloors(place.store, 'orders')).get('')?.segment).toBe(nameOf(8));
  });

  it('never lowers a floor, whatever a later rule keeps', async () => {
    const place = await archivedPlace();
    await pruned(place, { keepFrom: 8, graceMs: HOUR_MS });
    const report = await pruned(place, { keepFrom: 3 });
    expect(report.plan).toMatchObject({ isRaised: false });
    expect(await leftIn(place)).toEqual(numbersTo(10, 8));
  });

  it('plans without changing anything', async () => {
    const place = await archivedPlace();
    const plan = await planPrune(await optionsOf(place));
    expect(plan).toMatchObject({ isRaised: true, toDelete: { length: 5 } });
    expect(await recordsOf(place)).toEqual([]);
    expect(await leftIn(place)).toEqual(numbersTo(10));
  });

  it('reports what the store keeps and what cannot be removed, and continues with the others', async () => {
    const place = await archivedPlace();
    const refused = new WalqError('object-foreign', { message: 'it is a directory' });
    const store = storeWith(place.store, {
      remove: async (key) => {
        if (key.segment === nameOf(2)) return 'held';
        if (key.segment === nameOf(3)) throw refused;
        return place.store.remove(key);
      },
    });
    const report = await pruned(place, { store });
    expect(report).toMatchObject({
      removed: { files: 3 },
      held: [nameOf(2)],
      failed: [{ segment: nameOf(3), code: 'object-foreign' }],
    });
    expect(await leftIn(place)).toEqual([2, 3, ...numbersTo(10, 6)]);
  });

  it('ends with the failure of an unavailable store, and continues the next time', async () => {
    const place = await archivedPlace();
    const away = new WalqError('store-unavailable', { message: 'not mounted' });
    const store = storeWith(place.store, {
      remove: async (key) => {
        if (key.segment === nameOf(3)) throw away;
        return place.store.remove(key);
      },
    });
    await expect(pruned(place, { store })).rejects.toBe(away);
    expect(await leftIn(place)).toContain(3);
    await pruned(place);
    expect(await leftIn(place)).toEqual(numbersTo(10, 6));
  });

  it('ends when it is aborted, and continues the next time', async () => {
    const place = await archivedPlace();
    const controller = new AbortController();
    const onStep = (step: string) => {
      if (step === 'raised') controller.abort();
    };
    const { signal } = controller;
    await expect(pruned(place, { signal, onStep })).rejects.toThrow(/abort/i);
    expect(await leftIn(place)).toEqual(numbersTo(10));
    await pruned(place);
    expect(await leftIn(place)).toEqual(numbersTo(10, 6));
  });

  it('does not prune while a floor cannot be read, while readers use the other floors', async () => {
    const place = await archivedPlace();
    await pruned(place, { keepFrom: 3, graceMs: HOUR_MS });
    await place.store.records.create('orders', 'floors/broken', '{"version":2}');
    await expect(pruned(place)).rejects.toMatchObject({ code: 'floor-malformed' });
    expect(await leftIn(place)).toEqual(numbersTo(10));
    expect((await readFloors(place.store, 'orders')).get('')?.segment).toBe(nameOf(3));
  });

  it('removes a damaged object, and an object without a time keeps nothing', async () => {
    const place = await archivedPlace();
    await writeFile(place.objectPath(1), 'no object of walq’s');
    const report = await pruned(place, { rules: { keepFrom: [segmentName(4)], keepDays: 1 } });
    expect(report.removed.files).toBe(1);
    expect(await leftIn(place)).toEqual(numbersTo(10, 2));
  });
});

test('two concurrent prunes with different rules apply both', async () => {
  const place = await archivedPlace();
  const reports = await Promise.all([
    pruned(place, { keepFrom: 4 }),
    pruned(place, { keepFrom: 8 }),
    pruned(place, { keepFrom: 8 }),
  ]);
  const removed = reports.reduce((sum, report) => sum + report.removed.files, 0);
  expect(removed).toBe(7);
  expect(await leftIn(place)).toEqual(numbersTo(10, 8));
  expect((await readFloors(place.store, 'orders')).get('')?.segment).toBe(nameOf(8));
});

test('a reader never sees a lower floor while records are replaced', async () => {
  const place = await archivedPlace();
  await pruned(place, { keepFrom: 2 });
  let done = false;
  const pruning = (async () => {
    for (const number of numbersTo(9, 3)) await pruned(place, { keepFrom: number });
    done = true;
  })();
  let highest = 0n;
  while (!done) {
    const position = (await readFloors(place.store, 'orders')).get('')?.position ?? 0n;
    expect(position).toBeGreaterThanOrEqual(highest);
    highest = position;
  }
  await pruning;
  expect((await readFloors(place.store, 'orders')).get('')?.position).toBe(9n);
});

describe('below the floor', () => {
  const restore = (place: Place, range: SegmentRange = {}, store = place.store) =>
    restoreRange({
      disk: nodeDisk,
      store,
      threads: createInlineThreads(nodeDisk),
      source: 'orders',
      naming: place.source.naming,
      destination: join(place.root, 'back'),
      range,
      signal: new AbortController().signal,
    });

  it('a restore is rejected, also while the objects exist; an open range starts at the floor', async () => {
    const place = await archivedPlace();
    await pruned(place, { graceMs: HOUR_MS });
    for (const range of [{ from: segmentName(5) }, { until: segmentName(5) }]) {
      await expect(restore(place, range)).rejects.toMatchObject({ code: 'below-prune-floor' });
    }
    await expect(nodeDisk.lstat(join(place.root, 'back'))).rejects.toMatchObject({
      code: 'ENOENT',
    });
    expect(await restore(place)).toMatchObject({ segments: 5 });
    expect(await restore(place, { from: segmentName(6) })).toMatchObject({ segments: 5 });
  });

  it('a running restore finishes within the grace period, and afterwards says why it fails', async () => {
    const place = await archivedPlace();
    const raisingAt = (graceMs: number) =>
      storeWith(place.store, {
        fetch: async (key) => {
          if (key.segment === nameOf(1)) await pruned(place, { graceMs });
          return place.store.fetch(key);
        },
      });
    expect(await restore(place, {}, raisingAt(HOUR_MS))).toMatchObject({ segments: 10 });
    await rm(join(place.root, 'back'), { recursive: true });
    await rm(join(place.archive, 'orders/_walq/floors'), { recursive: true });
    await expect(restore(place, {}, raisingAt(0))).rejects.toMatchObject({
      code: 'below-prune-floor',
    });
  });

  it('verify finds no gap, and no fault in what is about to be removed', async () => {
    const place = await archivedPlace();
    await pruned(place, { graceMs: HOUR_MS });
    await place.store.remove(keyOf(2));
    await place.store.remove(keyOf(4));
    await writeFile(place.objectPath(3), 'damaged');
    const verify = () =>
      verifyArchive({
        store: place.store,
        source: 'orders',
        naming: place.source.naming,
        consecutive: true,
        atSource: [segmentName(1), segmentName(11)],
        signal: new AbortController().signal,
      });
    expect(await verify()).toMatchObject({ segments: 5, gaps: [], corrupt: [] });
    await place.store.remove(keyOf(8));
    expect((await verify()).gaps).toMatchObject([{ after: nameOf(7), before: nameOf(9) }]);
  });

  it('nothing is due, and a snapshot counts what is there at the source', async () => {
    const place = await archivedPlace();
    await pruned(place);
    await place.write(3, 'never archived');
    const view = createDueView(nodeDisk, await place.open());
    expect(await view.scan(100)).toEqual({ due: [], dueCount: 0 });
    expect(await view.dueAmong([segmentName(3)])).toEqual([]);
    const { store, source } = place;
    const snapshot = await createInspector({ disk: nodeDisk, source, store }).snapshot();
    expect(snapshot).toMatchObject({
      gaps: [],
      belowFloorAtSource: 1,
      figures: { dueSegments: 0 },
    });
  });

  it('a segment at the source is neither archived nor deleted, and a missing one is not lost', async () => {
    const place = await archivedPlace();
    await pruned(place);
    await place.write(3, 'never archived');
    for (const number of [3, 4]) {
      await expect(place.archive1(number)).rejects.toMatchObject({ code: 'below-prune-floor' });
    }
    expect(await place.sourceNames()).toEqual([nameOf(3), nameOf(11)]);
  });

  it('a kept source is not archived again', async () => {
    const place = await archivedPlace({ afterArchive: 'keep' });
    await pruned(place);
    expect(await place.sourceNames()).toHaveLength(11);
    const view = createDueView(nodeDisk, await place.open());
    expect(await view.scan(100)).toEqual({ due: [], dueCount: 0 });
  });
});

/** Sets every floor back by this long. */
async function ageRecords({ store, source }: Place, ageMs: number): Promise<void> {
  for (const name of await store.records.list(source.name, 'floors')) {
    const record = JSON.parse((await store.records.read(source.name, `floors/${name}`)) ?? '') as {
      at: string;
    };
    const at = new Date(Date.parse(record.at) - ageMs).toISOString();
    await store.records.remove(source.name, `floors/${name}`);
    await store.records.create(source.name, `floors/${name}`, JSON.stringify({ ...record, at }));
  }
}
