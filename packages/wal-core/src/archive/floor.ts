/**
 * What retention has given up: on each timeline everything below its floor. Sources that number their
 * segments have one line, and one floor. A floor only ever rises.
 *
 * Positions are compared as PostgreSQL's names write them, so no segment size has to be known.
 */
import { WalqError } from '../base/failure/walq-error.ts';
import type { SegmentName } from '../source/segment-name.ts';

export interface Floor {
  /** 8 hexadecimal digits; '' where segments are numbered. */
  readonly timeline: string;
  /** The first that is kept; it need not be there. */
  readonly segment: string;
  /** Where that segment lies: its number, or of PostgreSQL the 16 digits behind the timeline. */
  readonly position: bigint;
}

/** By timeline; a timeline without one has lost nothing. */
export type Floors = ReadonlyMap<string, Floor>;

export const noFloors: Floors = new Map();

/** The timeline of a segment, '' where it has none. */
export const timelineKey = ({ timeline }: SegmentName): string => timeline ?? '';

/** Undefined for a timeline's history, which lies nowhere and is never given up. */
export function floorPosition({ name, number, timeline }: SegmentName): bigint | undefined {
  if (timeline === undefined) return number;
  return name.endsWith('.history') ? undefined : BigInt(`0x${name.slice(8, 24)}`);
}

/** @throws RangeError for a timeline's history */
export function floorAt(segment: SegmentName): Floor {
  const position = floorPosition(segment);
  if (position === undefined) throw new RangeError(`${segment.name} lies nowhere in the WAL`);
  return { timeline: timelineKey(segment), segment: segment.name, position };
}

/** Whether a segment was given up. What lies beside the segments goes with the one it is named after. */
export function isBelowFloor(floors: Floors, segment: SegmentName): boolean {
  const floor = floors.get(timelineKey(segment));
  if (floor === undefined) return false;
  const position = floorPosition(segment);
  return position !== undefined && position < floor.position;
}

/** Of each timeline the higher floor. */
export function raise(floors: Floors, others: Floors): Floors {
  const raised = new Map(floors);
  for (const [timeline, floor] of others) {
    const standing = raised.get(timeline);
    if (standing === undefined || standing.position < floor.position) raised.set(timeline, floor);
  }
  return raised;
}

/** Whether nothing lies below the others' floors that does not lie below these. */
export const covers = (floors: Floors, others: Floors): boolean =>
  [...others].every(([timeline, { position }]) => {
    const standing = floors.get(timeline);
    return standing !== undefined && standing.position >= position;
  });

/** Why a segment below the floors is not to be had, or not taken. */
export function belowFloorError(floors: Floors, segment: SegmentName): WalqError {
  const floor = floors.get(timelineKey(segment))?.segment ?? 'unknown';
  return new WalqError('below-prune-floor', {
    message: `${segment.name} lies below the prune floor, ${floor}: it has been given up by walq prune`,
  });
}
