export { newByteLimit, takeBytes, type ByteLimit, type Pace } from './byte-limit.ts';
export { newProgress, readProgress, type SegmentProgress } from './segment-progress.ts';
export type { Threads } from './threads.ts';
export { createThreadPool, type ThreadPoolOptions } from './thread-pool.ts';
