export { bootId } from './boot-id.ts';
export type { DiskSpace } from './disk-space.ts';
export { isMisread, type Disk, type DiskFile, type FileKind, type FileState } from './disk.ts';
export { newMemoryFile, openMemoryFile, type MemoryFile } from './memory-file.ts';
export { nodeDisk } from './node-disk.ts';
export { readLinkedFile } from './read-linked-file.ts';
export { readSmallBytes, readSmallFile } from './read-small-file.ts';
export { trackDisk, type TrackedDisk } from './tracked-disk.ts';
export {
  createFileDurably,
  discard,
  isTemporaryName,
  temporaryNameFor,
  writeFileDurably,
} from './write-file-durably.ts';
