/**
 * The pipeline of a batch, from top to bottom: admit → compress → publish → confirm → receipt → delete. A file that
 * stays at its source is recorded as kept (kept-file.ts); for PostgreSQL a marker is written (marker.ts). Each step is a
 * file of its own, with the failures that it raises.
 *
 * The segments of a batch take each step together, so that they share the fsyncs of directories: there is no receipt
 * before the directory of its object is durable. A failure belongs to its segment alone.
 *
 * Every step is idempotent and safe next to the same step in another process: whoever publishes first wins, and the
 * other finds the object, proves it and continues.
 */
import { isWalqError, WalqError } from '../base/failure/walq-error.ts';
import { isStopped, progressTo } from '../codec/thread-signals.ts';
import { keyOfOtherPartial } from '../store/archive-key.ts';
import { admitAll, parseName, type AdmittedSegment } from './admit.ts';
import { BatchResults, only, type SegmentResult } from './batch-results.ts';
import { claiming } from './claim.ts';
import { compress } from './compress.ts';
import { confirm, isProved, type ArchiveReceipt } from './confirm.ts';
import { deleteSources } from './delete-source.ts';
import { recordKeptFile } from './kept-file.ts';
import { acknowledge } from './marker.ts';
import {
  findStored,
  publishAll,
  resumeStaging,
  type PreparedSegment,
  type StoredInBatch,
} from './publish.ts';
import { timed, type SegmentReport } from './report.ts';
import {
  startRun,
  throwIfStopped,
  type BatchRun,
  type SegmentRun,
  type SourceSegment,
  type StoredSegment,
  type WrittenSegment,
} from './segment-run.ts';

/** Gives one result for each segment, in order. Rejects only for a bug. */
export async function archiveBatch(
  batch: BatchRun,
  segments: readonly string[],
): Promise<readonly SegmentResult[]> {
  const runs = segments.map((segment, index) => startRun(batch, segment, index));
  const results = new BatchResults();
  const named = await results.each(
    runs.map((run) => ({ run })),
    ({ run }) => parseName(run),
  );
  const archive = async (): Promise<void> => {
    const admitted = await results.together(named, (all) => admitAll(batch, all));
    const prepared = await results.each(admitted, (one) => {
      results.throwIfArchiveFailed();
      return prepare(one);
    });
    const stored = await results.together(prepared, (all) => publishAll(batch, all));
    const proved = await results.each(stored, (one, at) => {
      if (!isProved(one.run, one.stored)) {
        results.throwIfArchiveFailed();
        throwIfStopped(one.run);
        if (at > 0) throwIfEnding(one.run);
      }
      return prove(one);
    });
    const deleted = await results.together(proved, (all) => deleteAll(batch, all));
    await results.each(deleted, async (one) => results.report(one.run, await finish(one)));
  };
  // A name from a job is used as a file name only once the source's naming accepts it.
  const claimed =
    batch.source.sealedRule.kind === 'ready' ? named.map(({ name }) => name.name) : [];
  await (claimed.length === 0 ? archive() : claiming(batch.disk, batch.source, claimed, archive));
  return results.of(runs);
}

/** In the archive already, or compressed into a staged file that is proved. */
async function prepare({ run, segment }: AdmittedSegment): Promise<PreparedSegment> {
  throwIfStopped(run);
  throwIfEnding(run);
  run.clock.startedAt = new Date();
  progressTo(run.progress, run.index, run.clock.startedAt);
  const prepared = await timed(
    [run.clock],
    ['durationMs'],
    async () => (await findStored(run, segment)) ?? (await stage(run, segment)),
  );
  return { run, segment, prepared };
}

/** Memory is bounded, so an object that is staged there is published before the next one is staged. */
async function stage(
  run: SegmentRun,
  segment: SourceSegment,
): Promise<StoredSegment | WrittenSegment> {
  const compressed = (await resumeStaging(run, segment)) ?? (await compress(run, segment));
  if (compressed.staging.memory === undefined) return compressed;
  return only(await publishAll(run, [{ run, segment, prepared: compressed }])).stored;
}

function throwIfEnding({ finish, segment }: SegmentRun): void {
  if (finish === undefined || !isStopped(finish)) return;
  const message = `${segment} was not finished: its batch ended before it`;
  throw new WalqError('cancelled', { message });
}

interface ProvedSegment extends StoredInBatch {
  readonly receipt: ArchiveReceipt;
}

/**
 * PostgreSQL makes a `.partial` of the same segment each time a server is promoted from it. Where the archive holds a
 * different `.partial` under this name, this one is stored under a name of its own.
 */
async function prove({ run, segment, stored }: StoredInBatch): Promise<ProvedSegment> {
  try {
    const receipt = await timed([run.clock], ['durationMs', 'confirmMs'], () =>
      confirm(run, stored),
    );
    return { run, segment, stored, receipt };
  } catch (error) {
    if (!isWalqError(error, 'duplicate') || segment.name.isAuxiliary !== true) throw error;
    const key = keyOfOtherPartial(stored.key, stored.sourceChecksum.value);
    if (key === undefined) throw error;
    return prove(await storeAlone(run, { ...segment, key }));
  }
}

async function storeAlone(run: SegmentRun, segment: SourceSegment): Promise<StoredInBatch> {
  const prepared = (await findStored(run, segment)) ?? (await stage(run, segment));
  return only(await publishAll(run, [{ run, segment, prepared }]));
}

interface EndedSegment extends ProvedSegment {
  /** Whether the file is gone from its source. */
  readonly isGone: boolean;
}

async function deleteAll(
  batch: BatchRun,
  all: readonly ProvedSegment[],
): Promise<readonly (EndedSegment | WalqError)[]> {
  const receipts = all.map(({ receipt }) => receipt);
  // Where the source keeps the files, `deleteMs` stays 0.
  const clocks = batch.source.afterArchive === 'keep' ? [] : all.map(({ run }) => run.clock);
  const gone = await timed(clocks, ['durationMs', 'deleteMs'], () =>
    deleteSources(batch, receipts),
  );
  return all.map((one, at) => {
    const isGone = gone[at] ?? false;
    return isWalqError(isGone) ? isGone : { ...one, isGone };
  });
}

async function finish({ run, stored, receipt, isGone }: EndedSegment): Promise<SegmentReport> {
  if (!isGone) await recordKeptFile(run.store, receipt);
  await acknowledge(run, receipt);
  return {
    segment: run.segment,
    bytesIn: stored.bytes,
    bytesOut: receipt.objectBytes,
    durationMs: run.clock.durationMs,
    outcome: receipt.origin === 'published' ? 'archived' : 'already-archived',
    stages: run.clock.stages(stored.times),
  };
}
