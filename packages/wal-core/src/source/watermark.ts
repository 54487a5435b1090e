import { join } from 'node:path';
import { nonEmptyString, uuid } from '../base/record-fields.ts';
import { readSmallFile } from '../base/disk/read-small-file.ts';
import { writeUnless } from '../base/disk/write-file-durably.ts';
import type { Disk } from '../base/disk/disk.ts';
import { sourceFailure } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { describeDamage, jsonRecord } from '../base/json-record.ts';
import { underLock } from '../base/lock/wait-for-lock.ts';
import { compareSegments, type SegmentName } from './segment-name.ts';
import { walqDirectory, type Source } from './source.ts';

/** The public protocol by which an engine in any language marks segments as flushed; see docs/FORMAT.md. */
const format = jsonRecord({
  sourceId: uuid,
  segment: nonEmptyString,
});

export const watermarkPath = (source: Source): string =>
  join(walqDirectory(source), 'watermark.json');

/**
 * The last flushed segment of a source; undefined when none has been marked yet. Flushed: the engine will never read
 * the segment again, even after a crash.
 */
export async function readWatermark(
  disk: Disk,
  source: Source,
  sourceId: string,
): Promise<SegmentName | undefined> {
  const path = watermarkPath(source);
  const text = await readSmallFile(disk, path).catch((cause: unknown) => {
    throw sourceFailure(`read ${path}`, cause);
  });
  if (text === undefined) return undefined;
  const watermark = parseWatermark(source, text);
  if (watermark.sourceId !== sourceId) {
    throw malformed(source, `it belongs to source ${watermark.sourceId}, this is ${sourceId}`);
  }
  const segment = source.naming.parse(watermark.segment);
  if (segment === undefined)
    throw malformed(source, `'${watermark.segment}' is not a segment name`);
  return segment;
}

/**
 * Moves the watermark forward, durably. Gives the watermark in effect, which may be higher already. Of several callers
 * at the same time, in this process or others, the highest wins.
 */
export async function advanceWatermark(
  disk: Disk,
  source: Source,
  sourceId: string,
  segment: SegmentName,
): Promise<SegmentName> {
  const path = watermarkPath(source);
  const higher = async (): Promise<SegmentName | undefined> => {
    const current = await readWatermark(disk, source, sourceId);
    return current !== undefined && compareSegments(current, segment) >= 0 ? current : undefined;
  };
  const text = format.text({ sourceId, segment: segment.name });
  let isLocked = false;
  try {
    return await underLock(disk, `${path}.lock`, async () => {
      isLocked = true;
      return (await writeUnless(disk, path, text, higher)) ?? segment;
    });
  } catch (cause) {
    // On a full disk there is no room for a lock either; a watermark that is high enough is in effect all the same.
    const current = isLocked ? undefined : await higher().catch(() => undefined);
    if (current === undefined) throw sourceFailure(`write ${path}`, cause);
    return current;
  }
}

function parseWatermark(source: Source, text: string): ReturnType<typeof format.parse> {
  try {
    return format.parse(text);
  } catch (cause) {
    throw malformed(source, describeDamage(cause, 'it is not JSON'), cause);
  }
}

function malformed(source: Source, why: string, cause?: unknown): WalqError {
  return new WalqError('watermark-malformed', {
    message: `unable to use the watermark ${watermarkPath(source)}: ${why}`,
    cause,
  });
}
