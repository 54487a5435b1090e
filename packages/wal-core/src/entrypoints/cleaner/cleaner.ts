/**
 * Archives in the caller's own process, without Redis, through the same pipeline and with the same report as the
 * queue.
 */
import type { DueScan, DueView } from '../../reading/due-view.ts';
import { mapInOrder } from '../../reading/map-in-order.ts';
import { SourceOpener } from '../../reading/source-opener.ts';
import { nodeDisk } from '../../base/disk/node-disk.ts';
import type { Disk } from '../../base/disk/disk.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import { createArchiveThreads } from '../../pipeline/archive-threads.ts';
import { createArchiver } from '../../pipeline/archiver.ts';
import { batchesOf, DEFAULT_BATCH_LIMITS } from '../../pipeline/batches.ts';
import {
  logBatch,
  summarize,
  type BatchReport,
  type SegmentReport,
} from '../../pipeline/report.ts';
import { markFlushed } from '../../pipeline/mark-flushed.ts';
import { stateAtSource } from '../../source/at-source.ts';
import type { SegmentName } from '../../source/segment-name.ts';
import type { Source } from '../../source/source.ts';
import { openStore } from '../../store/open-store.ts';
import type { Threads } from '../../threads/threads.ts';
import {
  inParallel,
  tryBatch,
  type ArchiveDueOptions,
  type Trying,
} from '../../pipeline/try-segments.ts';
import { cleanupOptions, type CleanupOptions } from './options.ts';
import { BlockingCalls } from './run-blocking.ts';

export interface Cleaner {
  /**
   * Marks the source as flushed through the segment (the engine will never read it again, even after a crash), archives
   * all segments that are due up to it, in parallel, and resolves when each has been tried. Rejects with `no-segment`
   * or `segment-unknown` for a wrong name, and with `cancelled`. A segment that fails does not reject; its report says
   * `failed`, `quarantined` or `duplicate`.
   */
  cleanupUpTo(segment: string, progress?: ArchiveDueOptions): Promise<BatchReport>;
  /** As `cleanupUpTo`, but blocks the calling thread, one segment after another. For tests and scripts. */
  cleanupUpToSync(segment: string): BatchReport;
  /** Archives everything that is due by the source's own rule; does not move the watermark. */
  archiveDue(progress?: ArchiveDueOptions): Promise<BatchReport>;
  close(): Promise<void>;
}

export function createCleaner(options: CleanupOptions): Cleaner {
  const resolved = cleanupOptions(options);
  const threads = createArchiveThreads(resolved);
  const cleaner = cleanerOn(resolved, nodeDisk, threads);
  const blocking = new BlockingCalls(options);
  const logged = (report: BatchReport): BatchReport => {
    if (options.logger !== undefined) logBatch(options.logger, report);
    return report;
  };
  return {
    cleanupUpTo: async (segment, progress) => logged(await cleaner.cleanupUpTo(segment, progress)),
    cleanupUpToSync: (segment) => logged(blocking.cleanUpTo(segment)),
    archiveDue: async (progress) => logged(await cleaner.archiveDue(progress)),
    close: async () => {
      await blocking.close();
      await cleaner.close();
    },
  };
}

/** The cleaner on given threads; the blocking call runs it in a thread of its own. */
export function cleanerOn(
  options: ReturnType<typeof cleanupOptions>,
  disk: Disk,
  threads: Threads,
): Omit<Cleaner, 'cleanupUpToSync'> {
  const { source, worker } = options;
  const store = openStore(options.archiveUrl, { disk, settings: options.archiveSettings });
  const archiver = createArchiver({ ...options, disk, threads, storeOf: () => store });
  const opener = new SourceOpener({ disk, source, store });
  const archive = async (upTo: SegmentName | undefined, progress: ArchiveDueOptions) => {
    const startedMs = performance.now();
    const { open, view } = await opener.openSame();
    const files = await archiveDue({ archiver, disk, view, open, worker, upTo }, progress);
    return summarize(files, Math.round(performance.now() - startedMs));
  };
  return {
    cleanupUpTo: async (segment, progress = {}) => archive(segmentOf(source, segment), progress),
    archiveDue: async (progress = {}) => archive(undefined, progress),
    close: () => archiver.close(),
  };
}

function segmentOf(source: Source, name: string): SegmentName {
  const segment = source.naming.parse(name);
  if (segment !== undefined) return segment;
  throw new WalqError('no-segment', {
    message: `'${name}' is not the name of a segment of source '${source.name}'`,
  });
}

// Archives everything that is due, in batches, as many at a time as there are threads.

interface DueSegments extends Trying {
  readonly disk: Disk;
  readonly view: DueView;
  readonly upTo: SegmentName | undefined;
}

/** Segments scanned at a time: bounds memory, whatever the backlog. */
const SCAN_SEGMENTS = 10_000;
/** As many as Node has threads for files. */
const STATS_AT_ONCE = 4;

/** Marks and scans, then tries each due segment once. One that fails for now is reported as `failed` and stays due. */
async function archiveDue(run: DueSegments, options: ArchiveDueOptions): Promise<SegmentReport[]> {
  const { archiver, view, upTo } = run;
  const reports: SegmentReport[] = [];
  const tried = new Set<string>();
  for (
    let scan = await markAndScan(run);
    ;
    scan = await view.scan(SCAN_SEGMENTS + tried.size, upTo)
  ) {
    const { due, dueCount } = scan;
    const fresh = due.filter((segment) => !tried.has(segment.name));
    if (reports.length === 0) options.onStart?.(dueCount);
    if (fresh.length === 0) return reports;
    const isLast = upTo !== undefined && dueCount <= due.length;
    for (const segment of fresh) tried.add(segment.name);
    const batches = await inBatches(run, fresh);
    const attempt = (batch: readonly SegmentName[], signal: AbortSignal) =>
      tryBatch(run, batch, signal);
    reports.push(...(await inParallel(batches, archiver.parallelism, options, attempt)));
    // Without a bound, others become due during the archiving.
    if (isLast) return reports;
  }
}

/** The disk is scanned while the watermark is written. Nothing is archived before the watermark is durable. */
async function markAndScan({ disk, open, view, upTo }: DueSegments): Promise<DueScan> {
  if (upTo === undefined) return view.scan(SCAN_SEGMENTS);
  const [marked, scanned] = await Promise.allSettled([
    markFlushed(disk, open, upTo),
    view.scan(SCAN_SEGMENTS, upTo, upTo),
  ]);
  if (marked.status === 'rejected') throw marked.reason;
  // A higher watermark was in effect already, and may show that the engine started again.
  if (marked.value.name !== upTo.name) return view.scan(SCAN_SEGMENTS, upTo);
  if (scanned.status === 'rejected') throw scanned.reason;
  return scanned.value;
}

async function inBatches(
  { disk, open }: DueSegments,
  segments: readonly SegmentName[],
): Promise<readonly (readonly SegmentName[])[]> {
  const sized: { readonly segment: SegmentName; readonly bytes: number }[] = [];
  const states = mapInOrder(segments, STATS_AT_ONCE, async (segment) => ({
    segment,
    state: await stateAtSource(disk, open.source, segment),
  }));
  for await (const { segment, state } of states) {
    sized.push({ segment, bytes: Number(state?.size ?? 0n) });
  }
  return batchesOf(sized, DEFAULT_BATCH_LIMITS).map((batch) => batch.map((one) => one.segment));
}
