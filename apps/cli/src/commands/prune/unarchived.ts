/** Segments at the source that are not archived and that a raised floor would leave out of the archive for good. */
import {
  asWalqError,
  compareSegments,
  isBelowFloor,
  nodeDisk,
  openSource,
  quarantineFilter,
  segmentsOf,
  WalqError,
  withNames,
  type PrunePlan,
  type SegmentName,
} from '@walq/wal-core/internal';
import type { ConfiguredSource } from '@walq/config';
import { printable } from '@walq/wal-core/printable';
import { answeredWithin } from '../../deadlines/unanswered.ts';
import type { ArchivedSource } from '../../sources/archived-sources.ts';
import { showCount } from '../../terminal/human.ts';
import { warn } from '../../terminal/print.ts';

export interface Unarchived {
  readonly segments: number;
  readonly first: string;
}

interface SourceReading {
  readonly segments: readonly SegmentName[];
  readonly isQuarantined: (segment: string) => boolean;
}

const ANSWER_MS = 30_000;

/** Retention also works while the source is unavailable: then this warns, and returns nothing. */
export async function readSource({ source, store }: ArchivedSource): Promise<SourceReading> {
  if (source === undefined) throw new TypeError('the source is configured');
  const isQuarantined = await quarantineFilter(store, source.name);
  try {
    const late = () =>
      new WalqError('source-unavailable', {
        message: `source '${source.name}' at ${source.directory} did not answer within ${ANSWER_MS / 1_000} s`,
      });
    const read = () => segmentsThere(source, store);
    return { segments: await answeredWithin(ANSWER_MS, late, read), isQuarantined };
  } catch (error) {
    const { message } = asWalqError(error);
    warn(`walq: ${printable(message)}; whether the floor is above unarchived segments is unknown`);
    return { segments: [], isQuarantined };
  }
}

async function segmentsThere(
  source: ConfiguredSource,
  store: ArchivedSource['store'],
): Promise<readonly SegmentName[]> {
  // Checks the identity: an empty mount point is not a source without segments.
  const open = await openSource({ disk: nodeDisk, source, store, registerIfNew: false });
  const found: SegmentName[] = [];
  for await (const segment of segmentsOf(nodeDisk, open.source)) found.push(segment);
  return found;
}

/** Undefined where the plan leaves none behind. The source was read before the plan was made. */
export function unarchivedBelow(
  { floors, standing, toDelete }: PrunePlan,
  { segments, isQuarantined }: SourceReading,
): Unarchived | undefined {
  const archived = new Set(toDelete.map(({ segment }) => segment.name));
  const left = segments.filter(
    (one) =>
      isBelowFloor(floors, one) &&
      !isBelowFloor(standing, one) &&
      // The object of a quarantined segment, if there is one, is not a copy of its file.
      (isQuarantined(one.name) || !archived.has(one.name)),
  );
  const [first] = left.toSorted(compareSegments);
  return first && { segments: left.length, first: first.name };
}

/** @throws WalqError `unarchived-below-floor` */
export function assertNoneUnarchived(source: string, unarchived: Unarchived | undefined): void {
  if (unarchived === undefined) return;
  const message = `${whatIsLeft(unarchived)} the new floor, first ${unarchived.first}: nothing was pruned`;
  const failure = new WalqError('unarchived-below-floor', { message });
  throw withNames(failure, { source, segment: unarchived.first });
}

export function unarchivedLine(unarchived: Unarchived, isPostgres: boolean): string {
  const them = unarchived.segments === 1 ? 'it' : 'them';
  const then = isPostgres
    ? `the next prune would remove ${them}`
    : `walq would never archive ${them}`;
  return `${whatIsLeft(unarchived)} this floor, first ${unarchived.first}: ${then}`;
}

const whatIsLeft = ({ segments }: Unarchived): string =>
  `${showCount(segments, 'segment')} at the source ${segments === 1 ? 'is' : 'are'} not archived and would be below`;
