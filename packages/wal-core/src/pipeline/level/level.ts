/** As configured: a zstd level from 1 to 19, or `auto`, which measures for each source which one pays. */
export type Level = number | 'auto';

/** Levels that `auto` chooses among: none is slower than the one that is used without it. */
export const AUTO_LEVELS: readonly number[] = [1, 2, 3];

/**
 * A shorter segment is not measured: its levels hardly differ, and measuring would take longer than archiving
 * it. It also keeps PostgreSQL's history files from deciding for its WAL.
 */
export const MEASURED_BYTES_MIN = 16 * 1024;

/** Where nothing was measured, or nothing could be: zstd's own default. */
export const FALLBACK_LEVEL = 3;
