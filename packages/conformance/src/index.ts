/**
 * Conformance suites for stores and disks, and the fakes that tests use. For authors of a store for walq.
 *
 * A driver is about twenty lines: it provides a new, empty fixture for each test, and the test runner's own
 * `describe` and `it`.
 *
 * storeConformance({ name: 'my store', create: createFixture, describe, it });
 */

/** Everything that `ArchiveStore` promises, as tests. */
export {
  storeConformance,
  type StoreConformance,
  type StoreTarget,
} from './store/store-conformance.ts';

/** The store contract in memory: the simplest store that passes, and a fast one for tests. */
export { MemoryStore } from './memory-store.ts';

/** What walq requires of a filesystem, as tests, with a chapter on power cuts where they can be made. */
export { diskConformance, type DiskTarget } from './disk/disk-conformance.ts';

/** A filesystem in memory that loses at a power cut what was not fsynced, and a process's `Disk` on it. */
export { SimulatedFilesystem } from './simulated-disk/simulated-filesystem.ts';
export {
  simulatedDisk,
  type SimulatedDisk,
  type SimulatedDiskOptions,
} from './simulated-disk/simulated-disk.ts';
export type { Survives } from './simulated-disk/nodes.ts';

/** Wraps any `Disk`, so that a test can observe, delay or fail each call. */
export {
  failCall,
  failOperation,
  faultyDisk,
  systemError,
  type DiskCall,
  type DiskOperation,
} from './faulty-disk.ts';

/** Reproducible random numbers. */
export { SeededRandom } from './seeded-random.ts';
