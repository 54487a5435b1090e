/**
 * Everything that is wrong with a source, from its disk, its archive, Redis and the roles; worst first. `walq status`,
 * the dashboard's metrics and the archive page show it.
 */
import {
  diskConditions,
  worstFirst,
  type Condition,
  type KnownSource,
} from '@walq/wal-core/internal';
import type { QueueSnapshot } from './observer.ts';
import { queueConditions } from './queue-conditions.ts';

export interface KnownAndQueued extends KnownSource {
  readonly queue: QueueSnapshot;
}

export function sourceConditions(known: KnownAndQueued): Condition[] {
  const byDisk = diskConditions(known);
  const byRoles = queueConditions(known);
  const merged = byDisk.map((one) => withSince(one, byRoles));
  const codes = new Set(byDisk.map(({ code }) => code).filter((code) => code !== null));
  const others = byRoles.filter(
    ({ code, kind }) => !isReportedTwice(kind) || !codes.has(code ?? ''),
  );
  const all = unique([...merged, ...others]);
  return all.toSorted(worstFirst);
}

/** True for failures that both a role and the disk may report. */
const isReportedTwice = (kind: Condition['kind']): boolean =>
  kind === 'archive-failing' || kind === 'source-stopped';

/** A long-running process knows when a failure began; one that has just started does not. */
function withSince(one: Condition, byRoles: readonly Condition[]): Condition {
  if (one.code === null) return one;
  const reported = byRoles.filter(({ code, since }) => code === one.code && since !== null);
  const since = [one.since, ...reported.map((other) => other.since)]
    .filter((text) => text !== null)
    .toSorted();
  return { ...one, since: since[0] ?? null };
}

/** A worker and a producer may report the same failure. */
function unique(conditions: readonly Condition[]): Condition[] {
  const seen = new Set<string>();
  return conditions.filter(({ kind, code, message }) => {
    const key = code === null ? `${kind} ${message}` : `${kind} ${code}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
