/**
 * The way of a segment: admit → compress → store → confirm → receipt → delete.
 *
 * Every step is idempotent and safe beside a twin of itself in another process: whoever publishes first
 * wins, and the other finds the object, proves it and goes on.
 */
import { recordKeptFile } from './acknowledge/kept-file.ts';
import { writeMarker } from './acknowledge/marker.ts';
import { confirm } from './confirm/confirm.ts';
import type { ArchiveReceipt } from './confirm/confirm.ts';
import { deleteSource, type DeleteOptions } from './delete/delete-source.ts';
import { errnoOf, sourceFailure } from '../base/failure/system-error.ts';
import { isWalqError, WalqError } from '../base/failure/walq-error.ts';
import type { Cluster } from '../source/postgres/control-file.ts';
import { givenUp, isBelowFloor } from '../archive/floor.ts';
import type { FloorsView } from '../archive/floor-records.ts';
import { segmentPath, type Source } from '../source/source.ts';
import { stateAtSource } from '../source/at-source.ts';
import type { SegmentName } from '../source/segment-name.ts';
import type { PipelineContext } from './context.ts';
import { formatOf } from './format-of.ts';
import { keepStaging, takeKeptStaging } from './kept-staging.ts';
import { withMissingSource } from './missing-source.ts';
import { requireStillReady } from './require-still-ready.ts';
import type { SegmentReport } from './outcome.ts';
import type { CompressedSegment, SourceSegment, StoredSegment } from './segment-states.ts';
import { keyOfFile, keyOfOtherPartial } from '../store/archive-key.ts';
import { MANIFEST_VERSION } from '../codec/manifest.ts';
import type { Staging } from '../store/store.ts';
import type { SegmentProgress } from '../codec/segment-progress.ts';
import { PipelineClock } from './pipeline-clock.ts';

const MANIFEST_ROOM_BYTES = 64 * 1024;

export interface ArchiveRequest extends DeleteOptions {
  readonly source: Source;
  readonly sourceId: string;
  /** Of a PostgreSQL source. */
  readonly cluster?: Cluster | undefined;
  /** Whether PostgreSQL is to be answered by a marker, or by the caller itself. */
  readonly acknowledge: boolean;
  readonly retention: FloorsView;
  /** Whether to archive also what retention has given up. */
  readonly evenBelowFloor: boolean;
  /** File name of the segment. */
  readonly segment: string;
  readonly signal: AbortSignal;
  readonly progress: SegmentProgress;
}

export interface Way extends Pick<ArchiveRequest, 'signal' | 'progress' | 'gate' | 'cluster'> {
  readonly startedAt: Date;
  readonly clock: PipelineClock;
}

/** Archives one segment from end to end. Rejects with a `WalqError` whose class says what to do. */
export async function archiveSegment(
  context: PipelineContext,
  request: ArchiveRequest,
): Promise<SegmentReport> {
  const startedAt = new Date();
  const segment = await admit(context, request);
  return withMissingSource(context, segment, request.signal, async () => {
    const clock = new PipelineClock();
    const { stored, receipt } = await storeProved(context, segment, {
      ...request,
      startedAt,
      clock,
    });
    const deleted = deleteSource(context, receipt, request);
    // Keeping takes no time that anybody asks for.
    const isGone = await (request.source.afterArchive === 'delete'
      ? clock.deleting(deleted)
      : deleted);
    if (!isGone) await recordKeptFile(context.store, receipt);
    await acknowledge(context, receipt, request);
    return {
      segment: segment.name.name,
      bytesIn: stored.bytes,
      bytesOut: receipt.objectBytes,
      durationMs: Date.now() - startedAt.getTime(),
      outcome: receipt.origin === 'published' ? 'archived' : 'already-archived',
      stages: clock.stages(stored.times),
    };
  });
}

/**
 * Into the archive, and proved there. Where the archive holds another `.partial` under this name, which PostgreSQL
 * makes of one segment as often as servers are promoted from it, both are kept: this one under a name of its own.
 */
async function storeProved(
  context: PipelineContext,
  segment: SourceSegment,
  way: Way,
): Promise<{ readonly stored: StoredSegment; readonly receipt: ArchiveReceipt }> {
  const stored = await store(context, segment, way);
  try {
    const receipt = await way.clock.confirming(confirm(context, stored, way.signal));
    return { stored, receipt };
  } catch (error) {
    if (!isWalqError(error, 'duplicate') || segment.name.isBeside !== true) throw error;
    const key = keyOfOtherPartial(stored.key, stored.sourceChecksum.value);
    if (key === undefined) throw error;
    return storeProved(context, { ...segment, key }, way);
  }
}

/** Of PostgreSQL's files: leaves its archiver the word that this one is archived. */
async function acknowledge(
  context: PipelineContext,
  receipt: ArchiveReceipt,
  request: ArchiveRequest,
): Promise<void> {
  if (request.source.sealedRule.kind !== 'ready' || !request.acknowledge) return;
  await context.onStep('acknowledge', receipt.segment.name.name);
  const marking = writeMarker(context.disk, { ...request, store: context.store }, receipt);
  await marking.catch((error: unknown) => {
    // Archived it is. Where there is no room for the marker, PostgreSQL's own call finds it in the archive.
    if (!isNoRoom(error)) throw error;
  });
}

const isNoRoom = (error: unknown): boolean =>
  isWalqError(error) && ['ENOSPC', 'EDQUOT'].includes(errnoOf(error.cause) ?? '');

/** What has to be known of a segment before anything is done with it. */
export type AdmitRequest = Pick<
  ArchiveRequest,
  'source' | 'sourceId' | 'gate' | 'segment' | 'retention' | 'evenBelowFloor'
>;

/** A job's word is not enough: the name must be a segment's, sealed and flushed (I2), and not given up. */
export async function admit(
  context: PipelineContext,
  request: AdmitRequest,
): Promise<SourceSegment> {
  const { source, sourceId, gate } = request;
  await context.onStep('admit', request.segment);
  const name = source.naming.parse(request.segment);
  if (name === undefined) {
    throw new WalqError('no-segment', {
      message: `'${request.segment}' is not the name of a segment of source '${source.name}'`,
    });
  }
  await gate.admit(name);
  if (!request.evenBelowFloor) await refuseGivenUp(request, name);
  const state = name.isBeside && (await stateAtSource(context.disk, source, name));
  const key = keyOfFile(source.name, name, state?.size);
  return { source, sourceId, name, key, path: segmentPath(source, name.name) };
}

async function refuseGivenUp({ retention }: AdmitRequest, name: SegmentName): Promise<void> {
  const floors = await retention.floors();
  if (isBelowFloor(floors, name)) throw givenUp(floors, name);
}

/** What lies beside the segments, a timeline's history say, is to be read without knowing anything else. */
async function dictionaryFor(context: PipelineContext, { source, name }: SourceSegment) {
  if (name.isBeside === true) return undefined;
  return context.dictionaries.dictionaryOf(source.name, context.store);
}

/** An object that is there already spares the compression; it is found equal or refused by `confirm`. */
async function store(
  context: PipelineContext,
  segment: SourceSegment,
  way: Way,
): Promise<StoredSegment> {
  await context.onStep('find', segment.name.name);
  if ((await way.clock.storing(context.store.stat(segment.key))) !== undefined) {
    const { signal, progress } = way;
    const order = { sourcePath: segment.path, progress };
    const measured = await context.threads.checksum(order, signal);
    await requireStillReady(context, segment, way.gate, measured.fingerprint);
    return { ...segment, ...measured, origin: 'found' };
  }
  const kept = await takeKeptStaging(context, segment, way);
  return publish(context, kept ?? (await compress(context, segment, way)), way);
}

/** Into a staged file that is proved; nothing is in the archive yet. Where no disk has room for it, into memory. */
export async function compress(
  context: PipelineContext,
  segment: SourceSegment,
  way: Way,
): Promise<CompressedSegment> {
  const { copies } = context.store;
  try {
    return await compressTo(context, segment, way, () => context.store.stage(segment.key));
  } catch (error) {
    if (copies === undefined || !isWalqError(error, 'store-full')) throw error;
    const bytesMax = await objectBytesMax(context, segment);
    return compressTo(context, segment, way, () => copies.stageInMemory(segment.key, bytesMax));
  }
}

/** What cannot be compressed grows by less than a hundredth; the manifest comes behind it. */
async function objectBytesMax({ disk }: PipelineContext, { path }: SourceSegment): Promise<number> {
  const { size } = await disk.lstat(path).catch((error: unknown) => {
    throw sourceFailure(`look at ${path}`, error);
  });
  return Math.ceil(Number(size) * 1.01) + MANIFEST_ROOM_BYTES;
}

async function compressTo(
  context: PipelineContext,
  segment: SourceSegment,
  { signal, progress, startedAt, clock, gate, cluster }: Way,
  stage: () => Promise<Staging>,
): Promise<CompressedSegment> {
  const dictionary = await dictionaryFor(context, segment);
  const level = await context.levels.levelOf({ ...segment, dictionary }, signal);
  await context.onStep('stage', segment.name.name);
  const staging = await clock.storing(stage());
  try {
    await context.onStep('compress', segment.name.name);
    const compressed = await context.threads.compress(
      {
        progress,
        sourcePath: segment.path,
        stagingPath: staging.path,
        memory: staging.memory,
        limit: staging.limit,
        format: formatOf(segment, cluster),
        level,
        dictionary,
        proof: context.conservative ? 'read-back' : 'inline',
        manifest: {
          version: MANIFEST_VERSION,
          source: segment.source.name,
          sourceId: segment.sourceId,
          segment: segment.key.segment,
          startedAt: startedAt.toISOString(),
          worker: context.worker,
        },
      },
      signal,
    );
    await requireStillReady(context, segment, gate, compressed.fingerprint);
    context.levels.note(segment, level, compressed);
    return { ...segment, ...compressed, staging };
  } catch (error) {
    await discardStaging(context, staging);
    // What PostgreSQL has done with it writes over: then the segment is not malformed, but no longer there.
    if (isWalqError(error, 'segment-malformed')) await gate.admit(segment.name);
    throw error;
  }
}

export async function publish(
  context: PipelineContext,
  compressed: CompressedSegment,
  { clock }: Way,
): Promise<StoredSegment> {
  const { staging: proved, objectBytes, ...measured } = compressed;
  try {
    await context.onStep('publish', measured.name.name);
    const staging = await keepStaging(context, compressed);
    const published = await clock.storing(context.store.publish(staging));
    if (published === 'published') return { ...measured, origin: 'published', objectBytes };
    return { ...measured, origin: 'found' };
  } catch (error) {
    // One that is kept for the next attempt is under another name by now.
    await discardStaging(context, proved);
    throw error;
  }
}

/** What went wrong before matters more than a temporary file, which the sweep removes. */
export async function discardStaging(context: PipelineContext, staging: Staging): Promise<void> {
  await context.store.discard(staging).catch(() => undefined);
}
