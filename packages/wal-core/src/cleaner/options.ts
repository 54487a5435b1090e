import { availableParallelism, hostname } from 'node:os';
import type { BatchLogger } from '../pipeline/index.ts';
import type { Source } from '../segment/index.ts';

export interface CleanupOptions {
  readonly source: Source;
  /** Where the archive is: `file:///srv/wal-archive`. */
  readonly archiveUrl: string;
  /** Segments at once. Default: the cores. */
  readonly parallelism?: number;
  /** zstd level, 1 to 19. Default 3. */
  readonly level?: number;
  /** Prove each object by reading it back before its source is deleted. Default true. */
  readonly conservative?: boolean;
  /** Gets one line for each call. Default none. */
  readonly logger?: BatchLogger;
}

export function cleanupOptions(options: CleanupOptions) {
  return {
    source: options.source,
    archiveUrl: options.archiveUrl,
    parallelism: options.parallelism ?? availableParallelism(),
    level: options.level ?? 3,
    conservative: options.conservative ?? true,
    worker: `${hostname()}:${process.pid}`,
  };
}
