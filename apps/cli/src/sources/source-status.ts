/** One source for `walq status`: its snapshot and its conditions. */
import { sourceConditions, type QueueSnapshot } from '@walq/archive-queue/observe';
import {
  createInspector,
  nodeDisk,
  openStoreOf,
  startSnapshot,
  trackDisk,
  worstFirst,
  type Backlog,
  type Condition,
  type FailureCode,
  type KnownGap,
  type LastArchived,
  type Level,
  type SourceSnapshot,
  type SourceObservation,
  type Unflushed,
} from '@walq/wal-core/internal';
import type { ConfiguredSource } from '@walq/config';
import { printable } from '@walq/wal-core/printable';
import { isPostgres } from '../postgres/postgres-source.ts';
import { showCount, showAge } from '../terminal/human.ts';
import { seeAnchor } from '../terminal/render-failure.ts';
import { noteUnanswered } from '../deadlines/unanswered.ts';
import { serverLag, type ServerLag, type UnknownLag } from '../postgres/server-lag.ts';

export interface SourceStatus extends Backlog {
  /** The worst first. */
  readonly conditions: readonly Condition[];
  /** What is sealed and not flushed; null if unknown, as for PostgreSQL. */
  readonly unflushed: Unflushed | null;
  readonly lastArchived: LastArchived | null;
  /** Gaps that are not acknowledged. */
  readonly gaps: readonly Omit<KnownGap, 'source' | 'acknowledged'>[];
  readonly acknowledgedGaps: number;
  readonly quarantined: readonly QuarantinedSegment[];
  /** Segments at the source below the prune floor; absent if there are none. */
  readonly belowFloorAtSource?: number;
  /** With compression level `auto`. */
  readonly level?: AutoLevel;
  /** State of the server of a PostgreSQL source. */
  readonly server?: ServerLag | UnknownLag;
}

export interface AutoLevel {
  readonly configured: 'auto';
  /** Levels of the newest manifests in the archive, without repetition, newest first. */
  readonly recent: readonly number[];
}

export interface QuarantinedSegment {
  readonly segment: string;
  readonly code: string;
  readonly message: string;
}

/** A source that could not be read, and why. */
export interface UnknownStatus {
  readonly problem: { readonly code: FailureCode; readonly message: string; readonly hint: string };
  readonly conditions: readonly Condition[];
}

export async function sourceStatus(
  source: ConfiguredSource,
  configured: Level,
  queues: Promise<QueueSnapshot>,
): Promise<SourceStatus | UnknownStatus> {
  const observation = await observe(source);
  const { snapshot, failure } = observation;
  // A process that reads once does not know when the failure began.
  const known = { source: source.name, figures: snapshot?.figures ?? null, failingSince: null };
  const conditions = sourceConditions({ ...known, failure, queue: await queues });
  if (snapshot === null) return { problem: observation.failure, conditions };
  const status = await statusOf(source, snapshot, configured);
  return { ...status, conditions: withArchiver(conditions, status.server) };
}

/**
 * Adds the server's own report of a failing archiver, if no `wal-push` has recorded a reason: the server may be unable to
 * start walq.
 */
function withArchiver(
  conditions: readonly Condition[],
  server: ServerLag | UnknownLag | undefined,
): readonly Condition[] {
  const isKnown = conditions.some(({ kind }) => kind === 'archiver-blocked');
  if (isKnown || server === undefined || 'problem' in server) return conditions;
  const { isFailing, lastFailedWal, lastFailedTime, failedCount } = server.archiver;
  if (!isFailing) return conditions;
  const failing: Condition = {
    kind: 'archiver-blocked',
    level: 'warning',
    message: `PostgreSQL's archive_command fails with ${lastFailedWal ?? 'a file'}, last at ${lastFailedTime ?? 'an unknown time'}; ${showCount(failedCount, 'failure')} so far`,
    hint: "See the server's log for what the command said.",
    code: null,
    since: null,
    segments: 1,
    cause: `archiver-blocked ${lastFailedWal ?? ''}`,
    isHolding: true,
  };
  return [...conditions, failing].toSorted(worstFirst);
}

/** The one snapshot that status, check and repair use. It reports a disk that does not answer instead of waiting. */
export async function observe(source: ConfiguredSource): Promise<SourceObservation> {
  const disk = trackDisk(nodeDisk);
  const store = openStoreOf(source, disk);
  const inspector = createInspector({ disk, source, store });
  const { first, result } = startSnapshot({ disk, source, archive: store.url }, inspector);
  const snapshot = await first;
  if ((await Promise.race([result, Promise.resolve(undefined)])) === undefined) noteUnanswered();
  return snapshot;
}

async function statusOf(
  source: ConfiguredSource,
  { figures, ...lists }: SourceSnapshot,
  configured: Level,
): Promise<Omit<SourceStatus, 'conditions'>> {
  const { dueSegments, dueBytes, oldestDueAgeMs, largestDueBytes } = figures;
  const { lastArchived, acknowledgedGaps, unflushed } = figures;
  const server = isPostgres(source) ? { server: await serverLag(source, lastArchived) } : {};
  const level = configured === 'auto' ? { level: { configured, recent: lists.recentLevels } } : {};
  const { belowFloorAtSource } = lists;
  return {
    ...server,
    ...level,
    ...(belowFloorAtSource > 0 && { belowFloorAtSource }),
    dueSegments,
    dueBytes,
    oldestDueAgeMs,
    largestDueBytes,
    unflushed,
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

/** A condition of a source as text: since when, and what to do. */
export function conditionLines(source: string, condition: Condition): string[] {
  const { level, message, hint, code, since } = condition;
  const notes = [
    ...(since === null ? [] : [`since ${since}, ${showAge(ageMs(since))} ago`]),
    ...(code === null ? [] : [code]),
  ];
  const behind = notes.length === 0 ? '' : ` (${notes.join('; ')})`;
  return [
    `${level.padEnd(10)} ${source}: ${printable(message)}${behind}`,
    `             hint: ${printable(hint)}${seeAnchor(code)}`,
  ];
}

const ageMs = (since: string): number => Math.max(0, Date.now() - Date.parse(since));
