export { SimulatedFilesystem, type FilesystemOptions } from './simulated-filesystem.ts';
export { simulatedDisk, type SimulatedDisk, type SimulatedDiskOptions } from './simulated-disk.ts';
export type { Survives } from './file-content.ts';
