/**
 * Prune floors: on each timeline, retention has released everything below the floor. Sources with numbered segments
 * have
 * one floor. A floor only rises.
 *
 * Positions are compared as PostgreSQL's names write them, so that the segment size need not be known.
 */
import { withNames } from '../base/failure/advice.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import type { SegmentName } from '../source/segment-name.ts';

export interface Floor {
  /** 8 hexadecimal digits; '' where segments are numbered. */
  readonly timeline: string;
  /** Name of the first segment that is kept. It need not exist. */
  readonly segment: string;
  /** Its number; for PostgreSQL the 16 hexadecimal digits after the timeline. */
  readonly position: bigint;
}

/** By timeline. A timeline without a floor keeps everything. */
export type Floors = ReadonlyMap<string, Floor>;

export const noFloors: Floors = new Map();

/** The timeline of a segment, '' where it has none. */
export const timelineKey = ({ timeline }: SegmentName): string => timeline ?? '';

/** Undefined for a timeline's history file, which has no position and is never below a floor. */
export function floorPosition({ name, number, timeline }: SegmentName): bigint | undefined {
  if (timeline === undefined) return number;
  return name.endsWith('.history') ? undefined : BigInt(`0x${name.slice(8, 24)}`);
}

/** @throws RangeError for a timeline's history file */
export function floorAt(segment: SegmentName): Floor {
  const position = floorPosition(segment);
  if (position === undefined) throw new RangeError(`${segment.name} has no position in the WAL`);
  return { timeline: timelineKey(segment), segment: segment.name, position };
}

/** Whether a segment is below its floor. An auxiliary file goes with the segment it is named after. */
export function isBelowFloor(floors: Floors, segment: SegmentName): boolean {
  const floor = floors.get(timelineKey(segment));
  if (floor === undefined) return false;
  const position = floorPosition(segment);
  return position !== undefined && position < floor.position;
}

/** The higher of both floors, for each timeline. */
export function raise(floors: Floors, others: Floors): Floors {
  const raised = new Map(floors);
  for (const [timeline, floor] of others) {
    const standing = raised.get(timeline);
    if (standing === undefined || standing.position < floor.position) raised.set(timeline, floor);
  }
  return raised;
}

/** Whether these floors are as high as the others, on every timeline of the others. */
export const covers = (floors: Floors, others: Floors): boolean =>
  [...others].every(([timeline, { position }]) => {
    const standing = floors.get(timeline);
    return standing !== undefined && standing.position >= position;
  });

/** The failure for a segment at the source below its floor. */
export function notArchivedBelowFloor(
  floors: Floors,
  segment: SegmentName,
  source: string,
): WalqError {
  const floor = floors.get(timelineKey(segment))?.segment ?? 'unknown';
  const failure = new WalqError('below-prune-floor', {
    message: `${segment.name} is below the prune floor, ${floor}`,
    hint: 'walq does not archive it. Copy the file elsewhere if you need it, then remove it from the source. If it is in quarantine, also run walq repair SOURCE --release SEGMENT.',
  });
  return withNames(failure, { source, segment: segment.name });
}

/** The failure for a segment of the archive below its floor. */
export function belowFloorError(floors: Floors, segment: SegmentName): WalqError {
  const floor = floors.get(timelineKey(segment))?.segment ?? 'unknown';
  return new WalqError('below-prune-floor', {
    message: `${segment.name} is below the prune floor, ${floor}: walq prune has deleted it or will delete it`,
  });
}
