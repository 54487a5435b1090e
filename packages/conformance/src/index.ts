/** What the tests of every package stand on: disks and a store in memory, and the suites that disks and stores are held to. */
export type { Survives } from './simulated-disk/file-content.ts';
export {
  SimulatedFilesystem,
  type FilesystemOptions,
} from './simulated-disk/simulated-filesystem.ts';
export { diskConformance, type DiskConformance, type DiskPlace } from './disk/disk-conformance.ts';
export {
  failCall,
  failOperation,
  faultyDisk,
  systemError,
  type DiskCall,
  type DiskOperation,
  type FaultyDiskOptions,
} from './faulty-disk.ts';
export {
  simulatedDisk,
  type SimulatedDisk,
  type SimulatedDiskOptions,
} from './simulated-disk/simulated-disk.ts';
export {
  storeConformance,
  type StoreConformance,
  type StorePlace,
} from './store/store-conformance.ts';
export { MemoryStore } from './memory-store.ts';
export { SeededRandom } from './seeded-random.ts';
