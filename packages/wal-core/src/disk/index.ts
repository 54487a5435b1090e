export type { Disk, DiskFile, FileKind, FileState } from './disk.ts';
export { nodeDisk } from './node-disk.ts';
export { readSmallFile } from './read-small-file.ts';
export {
  createFileDurably,
  discard,
  temporaryNameFor,
  writeFileDurably,
} from './write-file-durably.ts';
