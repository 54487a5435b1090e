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
