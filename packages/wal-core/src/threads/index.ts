export type { Threads } from './threads.ts';
export { createThreadPool, type ThreadPoolOptions } from './thread-pool.ts';
