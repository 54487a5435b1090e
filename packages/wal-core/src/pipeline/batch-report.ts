import type { SegmentReport } from './outcome.ts';

/** The report of archiving many segments. MB = 10^6 bytes. */
export interface BatchReport {
  /** Segments that are in the archive now: `archived` and `already-archived`. */
  readonly successCount: number;
  readonly filesCount: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** bytesIn / bytesOut; 0 where nothing was archived. */
  readonly ratio: number;
  readonly throughputMBps: number;
  readonly durationMs: number;
  readonly avgFileMs: number;
  readonly files: readonly SegmentReport[];
}

export function summarize(files: readonly SegmentReport[], durationMs: number): BatchReport {
  const sum = (of: (file: SegmentReport) => number) =>
    files.reduce((all, file) => all + of(file), 0);
  const bytesIn = sum((file) => file.bytesIn);
  const bytesOut = sum((file) => file.bytesOut);
  return {
    successCount: files.filter(isArchived).length,
    filesCount: files.length,
    bytesIn,
    bytesOut,
    ratio: over(bytesIn, bytesOut),
    throughputMBps: over(bytesIn / 1e6, durationMs / 1e3),
    durationMs,
    avgFileMs: over(
      sum((file) => file.durationMs),
      files.length,
    ),
    files,
  };
}

/** Whether the segment is in the archive now. */
export const isArchived = (file: SegmentReport): boolean =>
  file.outcome === 'archived' || file.outcome === 'already-archived';

/** Rounded to hundredths; 0 instead of a division by nothing. */
const over = (a: number, b: number): number => (b > 0 ? Math.round((a / b) * 100) / 100 : 0);
