export {
  failCall,
  failOperation,
  faultyDisk,
  systemError,
  type DiskCall,
  type DiskOperation,
  type FaultyDiskOptions,
} from './faulty-disk.ts';
export { storeConformance, type StoreConformance, type StorePlace } from './store-conformance.ts';
export {
  SimulatedFilesystem,
  simulatedDisk,
  type FilesystemOptions,
  type SimulatedDisk,
  type SimulatedDiskOptions,
  type Survives,
} from './simulated-disk/index.ts';
export { diskConformance, type DiskConformance, type DiskPlace } from './disk-conformance.ts';
export { SeededRandom } from './seeded-random.ts';
