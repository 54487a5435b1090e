/** For tests of wal-core and of those who build on it; not for production. */
export { createInlineThreads } from './threads/inline-threads.ts';
export { MemoryStore } from './store/memory-store.ts';
export * from './testing/index.ts';
