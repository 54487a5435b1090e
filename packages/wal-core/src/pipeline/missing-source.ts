/** A source that is not there any more is a success when the archive holds a sound copy, and no other way. */
import { isWalqError, WalqError } from '../failure/index.ts';
import { requireIdentity } from '../segment/index.ts';
import type { PipelineContext } from './context.ts';
import type { SegmentReport } from './outcome.ts';
import type { SourceSegment } from './segment-states.ts';
import { keyPath } from '../store/index.ts';

export async function withMissingSource(
  context: PipelineContext,
  segment: SourceSegment,
  signal: AbortSignal,
  archive: () => Promise<SegmentReport>,
): Promise<SegmentReport> {
  try {
    return await archive();
  } catch (error) {
    if (!isWalqError(error, 'source-missing')) throw error;
    return settleMissing(context, segment, signal, error);
  }
}

async function settleMissing(
  context: PipelineContext,
  segment: SourceSegment,
  signal: AbortSignal,
  cause: WalqError,
): Promise<SegmentReport> {
  const startedMs = Date.now();
  // An unmounted share misses everything: that is the source's failure, not the segment's.
  await requireIdentity(context.disk, segment.source);
  const local = await context.store.fetch(segment.key);
  if (local === undefined) {
    throw new WalqError('source-missing', {
      message: `segment ${segment.name.name} is neither at ${segment.path} nor in the archive`,
      cause,
    });
  }
  try {
    const where = keyPath(segment.key);
    const object = await context.threads.decode({ objectPath: local.path, where }, signal);
    await context.onStep('settle', segment.name.name);
    await context.store.settle(segment.key);
    return {
      segment: segment.name.name,
      bytesIn: object.decoded.bytes,
      bytesOut: object.objectBytes,
      durationMs: Date.now() - startedMs,
      outcome: 'already-archived',
    };
  } finally {
    await local.release();
  }
}
