import { publishOne } from '@walq/wal-core/internal';
import assert from 'node:assert/strict';
import { aKey, put, SOURCE, stageText, textOf } from './objects.ts';
import type { StorePromise } from './store-conformance.ts';

const HOUR_MS = 60 * 60 * 1000;

export const sweeping: readonly StorePromise[] = [
  {
    promise: 'removes stagings that are older than a day, in every shard, and nothing else',
    test: async ({ store, age }) => {
      const old = [
        await stageText(store, aKey(1), 'old'),
        await stageText(store, aKey(20_000), 'old'),
        await stageText(store, aKey(40_000), 'old'),
      ];
      for (const staging of old) await age(staging, 25 * HOUR_MS);
      const young = await stageText(store, aKey(2), 'young');
      await age(young, 23 * HOUR_MS);
      await put(store, aKey(3), 'published');

      assert.equal(await store.sweep(SOURCE), 3);
      assert.equal(await publishOne(store, young), 'published');
      assert.equal(await textOf(store, aKey(2)), 'young');
      assert.equal(await textOf(store, aKey(3)), 'published');
      for (const staging of old) await assert.rejects(publishOne(store, staging));
    },
  },
  {
    promise: 'keeps an object that is older than a day',
    test: async ({ store, age }) => {
      const staging = await stageText(store, aKey(), 'long ago');
      await age(staging, 72 * HOUR_MS);
      await publishOne(store, staging);
      assert.equal(await store.sweep(SOURCE), 0);
      assert.equal(await textOf(store, aKey()), 'long ago');
    },
  },
  {
    promise: 'sweeps one source and not its neighbour',
    test: async ({ store, age }) => {
      const staging = await stageText(store, aKey(1, 'others'), 'old');
      await age(staging, 25 * HOUR_MS);
      await put(store, aKey(), 'x');
      assert.equal(await store.sweep(SOURCE), 0);
      assert.equal(await publishOne(store, staging), 'published');
    },
  },
  {
    promise: 'can be swept concurrently, counting each leftover once, and where there is nothing',
    test: async ({ store, twin, age }) => {
      const staging = await stageText(store, aKey(), 'old');
      await age(staging, 25 * HOUR_MS);
      const removed = await Promise.all([store.sweep(SOURCE), twin.sweep(SOURCE)]);
      assert.equal(
        removed.reduce((sum, count) => sum + count),
        1,
      );
      assert.equal(await store.sweep('unknown'), 0);
    },
  },
  {
    promise: 'passes its own probe, also concurrently, and leaves nothing behind',
    test: async ({ store, twin }) => {
      await Promise.all([store.probe(), twin.probe(), store.probe()]);
      assert.deepEqual(await store.listSources(), []);
    },
  },
];

export const room: readonly StorePromise[] = [
  {
    promise: 'reports the free space, or that it is not known',
    test: async ({ store }) => {
      const space = await store.space();
      if (space === null) return;
      assert.ok(space.freeBytes >= 0 && space.freeBytes <= space.sizeBytes);
      assert.ok(space.sizeBytes > 0);
    },
  },
];
