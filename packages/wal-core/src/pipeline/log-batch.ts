import type { BatchReport } from './batch-report.ts';

/** The one method of a logger that wal-core uses; pino's has this shape. */
export interface BatchLogger {
  info(fields: object, message: string): void;
}

/** One line for a batch, whichever rung of the ladder archived it. */
export function logBatch(logger: BatchLogger, report: BatchReport): void {
  logger.info(
    {
      success_count: report.successCount,
      files_count: report.filesCount,
      bytes_in: report.bytesIn,
      bytes_out: report.bytesOut,
      ratio: report.ratio,
      throughput_mb_per_s: report.throughputMBps,
      duration_ms: report.durationMs,
      avg_file_ms: report.avgFileMs,
    },
    'Parallel batch archive complete',
  );
}
