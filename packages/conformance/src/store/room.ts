import assert from 'node:assert/strict';
import type { StorePromise } from './store-conformance.ts';

export const room: readonly StorePromise[] = [
  {
    promise: 'tells how much room there is, or that it cannot tell',
    test: async ({ store }) => {
      const space = await store.space();
      if (space === null) return;
      assert.ok(space.freeBytes >= 0 && space.freeBytes <= space.sizeBytes);
      assert.ok(space.sizeBytes > 0);
    },
  },
];
