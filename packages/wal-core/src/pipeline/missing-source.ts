/** A source that is not there any more is a success when the archive holds a sound copy, and no other way. */
import { decodeArchived } from '../archive/decode-archived.ts';
import { settleFound } from '../archive/dictionary-shelf.ts';
import { isWalqError, WalqError } from '../base/failure/walq-error.ts';
import { givenUp, isBelowFloor } from '../archive/floor.ts';
import { readFloors } from '../archive/floor-records.ts';
import { requireSameIdentity } from '../source/identity.ts';
import type { PipelineContext } from './context.ts';
import type { SegmentReport } from './outcome.ts';
import type { SourceSegment } from './segment-states.ts';
import { assertNamesKey } from '../store/stored-object.ts';

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
  await requireSameIdentity(context.disk, segment);
  const { store, threads } = context;
  const object = await decodeArchived({ store, threads, key: segment.key, signal });
  if (object === undefined) {
    await refuseGivenUp(context, segment);
    throw new WalqError('source-missing', {
      message: `segment ${segment.name.name} is neither at ${segment.path} nor in the archive`,
      cause,
    });
  }
  // There is no source to compare with, so the object must say itself that it is this segment.
  assertNamesKey(object.manifest, segment.key);
  await context.onStep('settle', segment.name.name);
  await settleFound(store, segment.key, object.manifest);
  return {
    segment: segment.name.name,
    bytesIn: object.decoded.bytes,
    bytesOut: object.objectBytes,
    durationMs: Date.now() - startedMs,
    outcome: 'already-archived',
  };
}

/** What retention has removed is not lost. */
async function refuseGivenUp(
  { store }: PipelineContext,
  { source, name }: SourceSegment,
): Promise<void> {
  const floors = await readFloors(store, source.name);
  if (isBelowFloor(floors, name)) throw givenUp(floors, name);
}
