/** A missing source file is a success only when the archive holds a sound copy. */
import { decodeArchived } from '../archive/decode-archived.ts';
import { makeFoundDurable } from '../archive/dictionary-cache.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { belowFloorError, isBelowFloor } from '../archive/floor.ts';
import { readFloors } from '../archive/floor-records.ts';
import { requireSameIdentity } from '../source/identity.ts';
import type { SegmentReport } from './report.ts';
import type { SegmentRun, SourceSegment } from './segment-run.ts';
import { assertMatchesKey } from '../store/stored-object.ts';

export async function resolveMissingSource(
  run: SegmentRun,
  segment: SourceSegment,
  cause: WalqError,
): Promise<SegmentReport> {
  const startedMs = Date.now();
  await requireSameIdentity(run.disk, segment);
  const { store, threads, signal } = run;
  const object = await decodeArchived({ store, threads, key: segment.key, signal });
  if (object === undefined) {
    await assertAboveFloor(run, segment);
    throw new WalqError('source-missing', {
      message: `segment ${segment.name.name} is neither at ${segment.path} nor in the archive`,
      cause,
    });
  }
  // There is no source to compare with, so the object itself must name this segment.
  assertMatchesKey(object.manifest, segment.key);
  await run.onStep('make-durable', segment.name.name);
  await makeFoundDurable(store, segment.key, object.manifest);
  return {
    segment: segment.name.name,
    bytesIn: object.decoded.bytes,
    bytesOut: object.objectBytes,
    durationMs: Date.now() - startedMs,
    outcome: 'already-archived',
  };
}

/** A segment that retention has removed is not lost. */
async function assertAboveFloor(
  { store }: SegmentRun,
  { source, name }: SourceSegment,
): Promise<void> {
  const floors = await readFloors(store, source.name);
  if (isBelowFloor(floors, name)) throw belowFloorError(floors, name);
}
