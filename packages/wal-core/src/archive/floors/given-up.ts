import { WalqError } from '../../base/failure/walq-error.ts';
import type { SegmentName } from '../../source/segment-name.ts';
import { lineOf, type Floors } from './floor.ts';

/** Why a segment below the floors is not to be had, or not taken. */
export function givenUp(floors: Floors, segment: SegmentName): WalqError {
  const floor = floors.get(lineOf(segment))?.segment ?? 'unknown';
  return new WalqError('below-prune-floor', {
    message: `${segment.name} lies below the prune floor, ${floor}: it has been given up by walq prune`,
  });
}
