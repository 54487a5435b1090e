/** What is wrong with one source, the worst first: its conditions, and what only watching it for long can tell. */
import { showSpan, worstFirst, type Condition } from '@walq/wal-core/internal';
import type { Reason, SourceView } from '../state/page-state.ts';

export type Judged = Omit<SourceView, 'level'>;

/** With what several sources may have in common. */
export interface SourceReason extends Reason {
  readonly cause: string;
}

/** What was seen longer ago than this may be true no more: a disk that hangs is not seen to hang. */
const STALE_MS = 300_000;

export function judgeSource(view: Judged, nowMs: number): SourceReason[] {
  const sources = [view.name];
  const reasons = view.conditions.map(({ message, hint, since, level, cause, kind }) => ({
    level: kind === 'late' && view.drainedInS === 'never' ? ('critical' as const) : level,
    message: kind === 'late' ? message + drainOf(view.drainedInS) : message,
    hint,
    cause,
    since: since === null ? null : Date.parse(since),
  }));
  return [...reasons, ...judgeSight(view, nowMs)]
    .map((reason) => ({ ...reason, sources }))
    .toSorted(worstFirst);
}

function judgeSight({ name, problem, lookedAt }: Judged, nowMs: number) {
  if (problem !== null) return [];
  const of = { level: 'unknown' as const, since: lookedAt, cause: `unseen ${name}` };
  if (lookedAt === null) {
    const hint = 'Check that a walq producer is running on the host that has the source.';
    return [{ ...of, message: 'Nobody has looked at its disk yet', hint }];
  }
  if (nowMs - lookedAt < STALE_MS) return [];
  const message = `Its disk was last looked at ${showSpan(nowMs - lookedAt)} ago; what is shown may be old`;
  return [{ ...of, message, hint: 'Check whether its disk, or that of its archive, hangs.' }];
}

/** Nothing while it cannot be told. */
function drainOf(drainedInS: Judged['drainedInS']): string {
  if (drainedInS === null) return '';
  if (drainedInS === 'never') return '; the backlog does not shrink';
  return `; drained in ${showSpan(drainedInS * 1_000)}`;
}

export const isOfKind = ({ conditions }: Judged, ...kinds: readonly Condition['kind'][]): boolean =>
  conditions.some(({ kind }) => kinds.includes(kind));
