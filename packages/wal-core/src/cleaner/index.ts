export { createCleaner, type Cleaner } from './cleaner.ts';
export type { ArchiveDueOptions } from './archive-due.ts';
export type { CleanupOptions } from './options.ts';
