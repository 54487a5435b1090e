/**
 * The way of a segment: admit → compress → store → confirm → receipt → delete.
 *
 * Every step is idempotent and safe beside a twin of itself in another process: whoever publishes first
 * wins, and the other finds the object, proves it and goes on.
 */
import { confirm } from '../confirm/index.ts';
import { deleteSource, type DeleteOptions } from '../delete/index.ts';
import { WalqError } from '../failure/index.ts';
import { segmentPath, type Source } from '../segment/index.ts';
import type { PipelineContext } from './context.ts';
import { withMissingSource } from './missing-source.ts';
import type { SegmentReport } from './outcome.ts';
import type { CompressedSegment, SourceSegment, StoredSegment } from './segment-states.ts';
import { archiveKeyOf, MANIFEST_VERSION, type Staging } from '../store/index.ts';

export interface ArchiveRequest extends DeleteOptions {
  readonly source: Source;
  readonly sourceId: string;
  /** File name of the segment. */
  readonly segment: string;
  readonly signal: AbortSignal;
}

/** Archives one segment from end to end. Rejects with a `WalqError` whose class says what to do. */
export async function archiveSegment(
  context: PipelineContext,
  request: ArchiveRequest,
): Promise<SegmentReport> {
  const startedAt = new Date();
  const segment = await admit(context, request);
  return withMissingSource(context, segment, request.signal, async () => {
    const stored = await store(context, segment, startedAt, request.signal);
    const receipt = await confirm(context, stored, request.signal);
    await deleteSource(context, receipt, request);
    return {
      segment: segment.name.name,
      bytesIn: stored.bytes,
      bytesOut: receipt.objectBytes,
      durationMs: Date.now() - startedAt.getTime(),
      outcome: receipt.origin === 'published' ? 'archived' : 'already-archived',
    };
  });
}

/** A job's word is not enough: the name must be a segment's, and sealed and flushed (I2). */
async function admit(context: PipelineContext, request: ArchiveRequest): Promise<SourceSegment> {
  const { source, sourceId, gate } = request;
  await context.onStep('admit', request.segment);
  const name = source.naming.parse(request.segment);
  if (name === undefined) {
    throw new WalqError('segment-name-refused', {
      message: `'${request.segment}' is not the name of a segment of source '${source.name}'`,
    });
  }
  await gate.admit(name);
  const key = archiveKeyOf(source.name, name);
  return { source, sourceId, name, key, path: segmentPath(source, name.name) };
}

/** An object that is there already spares the compression; it is found equal or refused by `confirm`. */
async function store(
  context: PipelineContext,
  segment: SourceSegment,
  startedAt: Date,
  signal: AbortSignal,
): Promise<StoredSegment> {
  await context.onStep('find', segment.name.name);
  if ((await context.store.stat(segment.key)) !== undefined) {
    const measured = await context.threads.checksum({ sourcePath: segment.path }, signal);
    return { ...segment, ...measured, origin: 'found' };
  }
  const compressed = await compress(context, segment, startedAt, signal);
  return publish(context, compressed);
}

async function compress(
  context: PipelineContext,
  segment: SourceSegment,
  startedAt: Date,
  signal: AbortSignal,
): Promise<CompressedSegment> {
  await context.onStep('stage', segment.name.name);
  const staging = await context.store.stage(segment.key);
  try {
    await context.onStep('compress', segment.name.name);
    const compressed = await context.threads.compress(
      {
        sourcePath: segment.path,
        stagingPath: staging.path,
        format: segment.source.type === 'log' ? 'log' : 'raw',
        level: context.level,
        proof: context.conservative ? 'read-back' : 'inline',
        manifest: {
          version: MANIFEST_VERSION,
          source: segment.source.name,
          sourceId: segment.sourceId,
          segment: segment.name.name,
          startedAt: startedAt.toISOString(),
          worker: context.worker,
        },
      },
      signal,
    );
    return { ...segment, ...compressed, staging };
  } catch (error) {
    await discardStaging(context, staging);
    throw error;
  }
}

async function publish(
  context: PipelineContext,
  compressed: CompressedSegment,
): Promise<StoredSegment> {
  const { staging, objectBytes, ...measured } = compressed;
  try {
    await context.onStep('publish', measured.name.name);
    const published = await context.store.publish(staging);
    if (published === 'published') return { ...measured, origin: 'published', objectBytes };
    return { ...measured, origin: 'found' };
  } catch (error) {
    await discardStaging(context, staging);
    throw error;
  }
}

/** What went wrong before matters more than a temporary file, which the sweep removes. */
async function discardStaging(context: PipelineContext, staging: Staging): Promise<void> {
  await context.store.discard(staging).catch(() => undefined);
}
