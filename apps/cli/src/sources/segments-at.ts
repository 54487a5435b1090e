/** Lists the segments at a source, and its gaps. */
import {
  compareSegments,
  isWalqError,
  nodeDisk,
  segmentsOf,
  type SegmentName,
  listGaps,
  type KnownGap,
} from '@walq/wal-core/internal';
import type { ConfiguredSource } from '@walq/config';
import { printable } from '@walq/wal-core/printable';
import type { ArchivedSource } from './archived-sources.ts';
import { warn } from '../terminal/print.ts';

/** Every segment at the source, in order. */
export async function segmentsAt(source: ConfiguredSource): Promise<SegmentName[]> {
  const found: SegmentName[] = [];
  for await (const segment of segmentsOf(nodeDisk, source)) found.push(segment);
  return found.toSorted(compareSegments);
}

/** Undefined if the source is unavailable; empty if only the archive is known. */
export async function segmentsIfThere({
  source,
  naming,
}: ArchivedSource): Promise<SegmentName[] | undefined> {
  if (source === undefined) return [];
  try {
    return await segmentsAt({ ...source, naming });
  } catch (error) {
    if (!isWalqError(error, 'source-unavailable')) throw error;
    warn(`walq: ${printable(error.message)}; segments that wait there count as missing`);
    return undefined;
  }
}

/** A segment that still waits at the source is not a gap. Works while the source is unavailable. */
export async function gapsOfSource(archived: ArchivedSource): Promise<readonly KnownGap[]> {
  const atSource = (await segmentsIfThere(archived)) ?? [];
  return listGaps({ ...archived, source: archived.name, atSource });
}
