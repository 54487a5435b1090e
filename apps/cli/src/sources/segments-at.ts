/** What is at a source, beside what is in its archive. */
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

/** What is at the source, in order. */
export async function segmentsAt(source: ConfiguredSource): Promise<SegmentName[]> {
  const found: SegmentName[] = [];
  for await (const segment of segmentsOf(nodeDisk, source)) found.push(segment);
  return found.toSorted(compareSegments);
}

/** Undefined where the source is away; one of which only the archive is known has none. */
export async function segmentsIfThere({
  source,
  naming,
}: ArchivedSource): Promise<SegmentName[] | undefined> {
  if (source === undefined) return [];
  try {
    return await segmentsAt({ ...source, naming });
  } catch (error) {
    if (!isWalqError(error, 'source-unavailable')) throw error;
    warn(`walq: ${printable(error.message)}; what waits there counts as missing`);
    return undefined;
  }
}

/**
 * What still waits at the source is no gap; it is named as the archive says. An archive can be looked at while
 * the source is away.
 */
export async function gapsOfSource(archived: ArchivedSource): Promise<readonly KnownGap[]> {
  const atSource = (await segmentsIfThere(archived)) ?? [];
  return listGaps({ ...archived, source: archived.name, atSource });
}
