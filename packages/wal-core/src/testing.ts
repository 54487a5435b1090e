/** For tests of wal-core and of those who build on it; not for production. */
export { MemoryStore } from './store/memory-store.ts';
export * from './testing/index.ts';
