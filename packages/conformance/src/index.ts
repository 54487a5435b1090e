/**
 * What a store or a disk is held to, and what tests stand on: for whoever writes a store for walq.
 *
 * A driver of a suite is some twenty lines: it gives a new, empty place for each test, and the test runner's own
 * `describe` and `it`.
 *
 *     storeConformance({ name: 'my store', create: aPlace, describe, it });
 */

/** Everything that `ArchiveStore` promises, as tests. */
export {
  storeConformance,
  type StoreConformance,
  type StoreTarget,
} from './store/store-conformance.ts';

/** The store contract in memory: the simplest store that passes, and a fast one for tests. */
export { MemoryStore } from './memory-store.ts';

/** What walq relies on of a filesystem, as tests; with a chapter on power cuts where there are any. */
export { diskConformance, type DiskPlace } from './disk/disk-conformance.ts';

/** A filesystem in memory that loses at a power cut what was not fsynced, and a process's `Disk` on it. */
export { SimulatedFilesystem } from './simulated-disk/simulated-filesystem.ts';
export {
  simulatedDisk,
  type SimulatedDisk,
  type SimulatedDiskOptions,
} from './simulated-disk/simulated-disk.ts';
export type { Survives } from './simulated-disk/nodes.ts';

/** Any `Disk`, each call of which a test can see, delay or fail. */
export {
  failCall,
  failOperation,
  faultyDisk,
  systemError,
  type DiskCall,
  type DiskOperation,
} from './faulty-disk.ts';

/** Draws that can be drawn again. */
export { SeededRandom } from './seeded-random.ts';
