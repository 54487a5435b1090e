/** One source by the truth of its disk and its archive, for `walq status`. */
import {
  asWalqError,
  createInspector,
  nodeDisk,
  openStoreOf,
  type Backlog,
  type ConfiguredSource,
  type FailureCode,
  type KnownGap,
  type LastArchived,
  type Level,
} from '@walq/wal-core';
import { isPostgres } from './postgres/postgres-source.ts';
import { serverLag, type ServerLag, type UnknownLag } from './postgres/server-lag.ts';

export interface SourceStatus extends Backlog {
  readonly lastArchived: LastArchived | null;
  /** Those that nobody has acknowledged. */
  readonly gaps: readonly Omit<KnownGap, 'source' | 'acknowledged'>[];
  readonly acknowledgedGaps: number;
  readonly quarantined: readonly QuarantinedSegment[];
  /** Where there are such: at the source and below the prune floor, neither archived nor deleted. */
  readonly givenUpAtSource?: number;
  /** With compression level `auto`. */
  readonly level?: AutoLevel;
  /** Of a PostgreSQL source: what its server says. */
  readonly server?: ServerLag | UnknownLag;
}

export interface AutoLevel {
  readonly configured: 'auto';
  /** By the newest manifests in the archive, each level once, that of the newest segment first. */
  readonly recent: readonly number[];
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
  level: Level,
): Promise<SourceStatus | UnknownStatus> {
  try {
    return await look(source, level);
  } catch (error) {
    const { code, message, hint } = asWalqError(error);
    return { problem: { code, message, hint } };
  }
}

async function look(source: ConfiguredSource, configured: Level): Promise<SourceStatus> {
  const store = openStoreOf(source, nodeDisk);
  const { figures, ...lists } = await createInspector({ disk: nodeDisk, source, store }).look();
  const { dueSegments, dueBytes, oldestDueAgeMs, lastArchived, acknowledgedGaps } = figures;
  const server = isPostgres(source) ? { server: await serverLag(source, lastArchived) } : {};
  const level = configured === 'auto' ? { level: { configured, recent: lists.recentLevels } } : {};
  const { givenUpAtSource } = lists;
  return {
    ...server,
    ...level,
    ...(givenUpAtSource > 0 && { givenUpAtSource }),
    dueSegments,
    dueBytes,
    oldestDueAgeMs,
    lastArchived,
    gaps: lists.gaps
      .filter(({ acknowledged }) => acknowledged === null)
      .map(({ after, before, missing }) => ({ after, before, missing })),
    acknowledgedGaps,
    quarantined: lists.quarantined.map(({ segment, code, message }) => ({
      segment,
      code,
      message,
    })),
  };
}
