/** What became of a segment and of a batch, and how long each stage took. */
import type { ThreadTimes } from '../codec/thread-signals.ts';

/**
 * What became of one segment. `duplicate`: the archive holds different content under its name. `failed`: for now; the
 * segment stays due.
 */
export type Outcome = 'archived' | 'already-archived' | 'duplicate' | 'quarantined' | 'failed';

/**
 * How long each stage of a segment took, in milliseconds. Reading, compressing and writing are interleaved, chunk by
 * chunk;
 * each has its own share.
 */
export interface StageTimes {
  /** Reading the source. */
  readonly readMs: number;
  /** Checksum, format check and zstd. */
  readonly compressMs: number;
  /** Staging, writing, fsync and publishing. */
  readonly storeMs: number;
  /** Decoding and comparing, and making a found object durable. */
  readonly confirmMs: number;
  /** Comparing and removing the source; 0 where it is kept. */
  readonly deleteMs: number;
}

/** The report of one segment's archiving. */
export interface SegmentReport {
  readonly segment: string;
  /** Bytes of the segment. */
  readonly bytesIn: number;
  /** Bytes of the object in the archive. */
  readonly bytesOut: number;
  readonly durationMs: number;
  readonly outcome: Outcome;
  /** Absent where this process did not archive the segment. */
  readonly stages?: StageTimes;
}

type Spent = Omit<StageTimes, 'readMs' | 'compressMs'> & { readonly durationMs: number };

/** The times of one segment: of its own work, and its share of what the segments of a batch do together. */
export class PipelineClock {
  startedAt = new Date();
  readonly #spent = { durationMs: 0, storeMs: 0, confirmMs: 0, deleteMs: 0 };

  add(ms: number, stages: readonly (keyof Spent)[]): void {
    for (const stage of stages) this.#spent[stage] += ms;
  }

  get durationMs(): number {
    return Math.round(this.#spent.durationMs);
  }

  stages({ readMs, compressMs, storeMs, confirmMs }: ThreadTimes): StageTimes {
    return {
      readMs: rounded(readMs),
      compressMs: rounded(compressMs),
      storeMs: rounded(storeMs + this.#spent.storeMs),
      confirmMs: rounded(confirmMs + this.#spent.confirmMs),
      deleteMs: rounded(this.#spent.deleteMs),
    };
  }
}

/** Does work for segments and adds its time to these stages, a share for each segment. */
export async function timed<T>(
  clocks: readonly PipelineClock[],
  stages: readonly (keyof Spent)[],
  work: () => Promise<T>,
): Promise<T> {
  const startedMs = performance.now();
  try {
    return await work();
  } finally {
    const ms = (performance.now() - startedMs) / clocks.length;
    for (const clock of clocks) clock.add(ms, stages);
  }
}

const rounded = (ms: number): number => Math.round(ms * 100) / 100;

/** The report of archiving many segments. MB = 10^6 bytes, times in milliseconds. */
export interface BatchReport {
  /** How many segments are in the archive now: `archived` and `already-archived`. */
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

/** Rounded to hundredths; 0 where b is 0. */
const over = (a: number, b: number): number => (b > 0 ? Math.round((a / b) * 100) / 100 : 0);

/** The only method of a logger that wal-core calls; pino has this shape. */
export interface BatchLogger {
  info(fields: object, message: string): void;
}

/** One log line for a batch. */
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
