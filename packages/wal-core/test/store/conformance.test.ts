import { setImmediate } from 'node:timers/promises';
import { nodeDisk } from '@walq/wal-core/internal';
import { faultyDisk, MemoryStore, storeConformance } from '@walq/conformance';
import { describe, it } from 'vitest';
import { ageFile, conformanceTarget } from './directory-archive.ts';

storeConformance({
  name: 'directory store',
  create: () => conformanceTarget(nodeDisk),
  describe,
  it,
});

/** Lets concurrent callers pass one another between any two calls. */
const shufflingDisk = faultyDisk(nodeDisk, {
  onCall: async ({ number }) => {
    for (let turn = number % 3; turn > 0; turn -= 1) await setImmediate();
  },
});

storeConformance({
  name: 'directory store on an unsteady disk',
  create: () => conformanceTarget(shufflingDisk),
  describe,
  it,
});

storeConformance({
  name: 'memory store',
  create: async () => {
    const store = new MemoryStore();
    return {
      store,
      twin: store,
      age: ({ path }, ageMs) => ageFile(path, ageMs),
      hold: async (key) => store.hold(key),
      textAt: async (name) => {
        const bytes = store.asideAt(name);
        return bytes && Buffer.from(bytes).toString('utf8');
      },
      cleanup: () => store.close(),
    };
  },
  describe,
  it,
});
