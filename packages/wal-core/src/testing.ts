/** For tests of wal-core and of those who build on it; not for production. */
export { deleteSource } from './delete/index.ts';
export { blockingDisk } from './disk/blocking-disk.ts';
export { chooseLevel } from './level/choose-level.ts';
export type { LevelTrial, LevelTrials } from './compress/try-levels.ts';
export { createInlineThreads } from './threads/inline-threads.ts';
export { MemoryStore } from './store/memory-store.ts';
export * from './testing/index.ts';
