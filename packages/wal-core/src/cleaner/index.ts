export { createCleaner, type Cleaner } from './cleaner.ts';
export type { CleanupOptions } from './options.ts';
export { inParallel, type ArchiveDueOptions } from './archive-due.ts';
export { trySegment, type Batch } from './try-segment.ts';
