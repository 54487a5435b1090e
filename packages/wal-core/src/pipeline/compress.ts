/** Source segment → staged object that is proved. Nothing is in the archive yet. */
import { sourceFailure } from '../base/failure/system-error.ts';
import { isWalqError } from '../base/failure/walq-error.ts';
import type { Compressed, CompressTask } from '../codec/compress-segment.ts';
import { MANIFEST_VERSION } from '../codec/manifest.ts';
import type { SegmentFormat } from '../codec/segment-format.ts';
import { parseWalFile, segmentNumber, startLsn } from '../source/postgres/wal-file.ts';
import type { Staging } from '../store/store.ts';
import { requireStillReady } from './admit.ts';
import { discardStaging } from './publish.ts';
import { timed } from './report.ts';
import type { SegmentRun, SourceSegment, WrittenSegment } from './segment-run.ts';

const MANIFEST_ROOM_BYTES = 64 * 1024;

/** Compresses into a staged file; where the disk has no room for it, into memory. */
export async function compress(run: SegmentRun, segment: SourceSegment): Promise<WrittenSegment> {
  const { store } = run;
  try {
    return await compressTo(run, segment, () => store.stage(segment.key));
  } catch (error) {
    const { uploads } = store;
    if (uploads === undefined || !isWalqError(error, 'store-full')) throw error;
    const bytesMax = await objectBytesMax(run, segment);
    return compressTo(run, segment, () => uploads.stageInMemory(segment.key, bytesMax));
  }
}

/** Incompressible data grows by less than 1%; the manifest is added after it. */
async function objectBytesMax({ disk }: SegmentRun, { path }: SourceSegment): Promise<number> {
  const { size } = await disk.lstat(path).catch((error: unknown) => {
    throw sourceFailure(`stat ${path}`, error);
  });
  return Math.ceil(Number(size) * 1.01) + MANIFEST_ROOM_BYTES;
}

async function compressTo(
  run: SegmentRun,
  segment: SourceSegment,
  stage: () => Promise<Staging>,
): Promise<WrittenSegment> {
  const { signal } = run;
  await run.onStep('stage', segment.name.name);
  const staging = await timed([run.clock], ['storeMs'], stage);
  let compressed: Compressed | undefined;
  try {
    await run.onStep('compress', segment.name.name);
    compressed = await run.threads.compress(taskOf(run, segment, staging), signal);
    await requireStillReady(run, segment, compressed.fingerprint);
    return { ...segment, ...compressed, staging };
  } catch (error) {
    await compressed?.durable?.catch(() => undefined);
    await discardStaging(run, staging);
    // PostgreSQL may have recycled the file while it was read: then the segment is gone, not malformed.
    if (isWalqError(error, 'segment-malformed')) await run.gate.admit(segment.name);
    throw error;
  }
}

const taskOf = (
  run: SegmentRun,
  segment: SourceSegment,
  staging: Staging,
): Omit<CompressTask, 'cancel'> => ({
  level: run.level,
  // Auxiliary files, such as a timeline's history, must be readable without a dictionary.
  dictionary: segment.name.isAuxiliary === true ? undefined : run.dictionary,
  progress: run.progress,
  sourcePath: segment.path,
  stagingPath: staging.path,
  memory: staging.memory,
  limit: staging.limit,
  format: formatOf(run, segment),
  proof: run.conservative ? 'read-back' : 'inline',
  manifest: {
    version: MANIFEST_VERSION,
    source: segment.source.name,
    sourceId: segment.sourceId,
    segment: segment.key.segment,
    startedAt: run.clock.startedAt.toISOString(),
    worker: run.worker,
  },
});

/** Which format a segment's bytes are checked against, by its source and its name. */
function formatOf({ cluster }: SegmentRun, { source, name }: SourceSegment): SegmentFormat {
  if (source.type === 'log') return 'log';
  const file = parseWalFile(name.name);
  if (cluster === undefined || file === undefined) return 'raw';
  const number = segmentNumber(file, cluster.segmentBytes);
  // History and backup files are plain text.
  if (number === undefined || file.kind === 'history' || file.kind === 'backup') return 'raw';
  return {
    kind: 'postgres',
    ...cluster,
    timeline: Number(`0x${file.timeline}`),
    startLsn: startLsn(number, cluster.segmentBytes).toString(),
  };
}
