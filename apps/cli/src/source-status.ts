/** One source by the truth of its disk and its archive, for `walq status`. */
import {
  asWalqError,
  compareSegments,
  createDueView,
  findArchiveGaps,
  lastArchived,
  listQuarantine,
  measureBacklog,
  nodeDisk,
  openSource,
  openStore,
  segmentsOf,
  type Backlog,
  type ConfiguredSource,
  type FailureCode,
  type Gap,
  type LastArchived,
  type SegmentName,
} from '@walq/wal-core';

export interface SourceStatus extends Backlog {
  readonly lastArchived: LastArchived | null;
  readonly gaps: readonly Omit<Gap, 'source'>[];
  readonly quarantined: readonly QuarantinedSegment[];
}

export interface QuarantinedSegment {
  readonly segment: string;
  readonly code: string;
  readonly message: string;
}

/** A source that could not be looked at, and why. */
export interface UnknownStatus {
  readonly problem: { readonly code: FailureCode; readonly message: string; readonly hint: string };
}

export async function sourceStatus(
  source: ConfiguredSource,
): Promise<SourceStatus | UnknownStatus> {
  try {
    return await look(source);
  } catch (error) {
    const { code, message, hint } = asWalqError(error);
    return { problem: { code, message, hint } };
  }
}

async function look(source: ConfiguredSource): Promise<SourceStatus> {
  const store = openStore(source.archiveUrl, { disk: nodeDisk });
  const open = await openSource({ disk: nodeDisk, source, store, mayIntroduce: false });
  const backlog = await measureBacklog(nodeDisk, source, createDueView(nodeDisk, open));
  const gaps = source.consecutive
    ? await findArchiveGaps(store, source.name, source.naming, await segmentsAt(source))
    : [];
  return {
    ...backlog,
    lastArchived: await lastArchived(store, source.name, source.naming),
    gaps: gaps.map(({ after, before, missing }) => ({ after, before, missing })),
    quarantined: (await listQuarantine(store, source.name)).map(({ segment, code, message }) => ({
      segment,
      code,
      message,
    })),
  };
}

/** What is at the source, in order. */
export async function segmentsAt(source: ConfiguredSource): Promise<SegmentName[]> {
  const found: SegmentName[] = [];
  for await (const segment of segmentsOf(nodeDisk, source)) found.push(segment);
  return found.toSorted(compareSegments);
}
