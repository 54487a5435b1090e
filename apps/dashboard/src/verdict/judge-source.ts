/** What is wrong with one source, the worst first. */
import type { Level, Reason, SourceView } from '../state/page-state.ts';
import { showSpan } from './show-span.ts';

type Judged = Omit<SourceView, 'level'>;

/** What was seen longer ago than this may be true no more: a disk that hangs is not seen to hang. */
const STALE_MS = 300_000;
const LATE_MS = 300_000;
const VERY_LATE_MS = 3_600_000;
const FULL_SOON_S = 4 * 3_600;
const FULL_VERY_SOON_S = 3_600;

const severity: Readonly<Record<Level, number>> = { critical: 0, unknown: 1, warning: 2, ok: 3 };

export const worstFirst = (a: Reason, b: Reason): number => severity[a.level] - severity[b.level];

export function levelOf(reasons: readonly Reason[]): Level {
  return reasons.toSorted(worstFirst)[0]?.level ?? 'ok';
}

export function judgeSource(view: Judged, nowMs: number): Reason[] {
  const reasons = [
    ...judgeSight(view, nowMs),
    ...judgeLosses(view),
    ...judgeBacklog(view),
    ...judgeDisks(view),
  ];
  return reasons.map((reason) => Object.assign(reason, { source: view.name })).toSorted(worstFirst);
}

function judgeSight({ name, seenBy, problem, lookedAt }: Judged, nowMs: number): Reason[] {
  if (problem !== null) {
    return [{ level: 'critical', message: `${name}: ${problem.message}`, hint: problem.hint }];
  }
  if (seenBy === 'nobody' || lookedAt === null) {
    const message = `${name}: nobody has looked at its disk yet`;
    const hint = 'Is a walq producer running on the host that has the source?';
    return [{ level: 'unknown', message, hint }];
  }
  if (nowMs - lookedAt < STALE_MS) return [];
  const message = `${name}: last looked at ${showSpan((nowMs - lookedAt) / 1_000)} ago; what is shown may be old`;
  return [{ level: 'unknown', message, hint: 'Does its disk, or that of its archive, hang?' }];
}

function judgeLosses({ name, lost, openGaps, quarantined }: Judged): Reason[] {
  const reasons: Reason[] = [];
  if (lost > 0) {
    const message = `${name}: ${count(lost, 'segment')} lost, neither at the source nor in the archive`;
    reasons.push({ level: 'critical', message, hint: 'Look for another copy at once.' });
  }
  if (openGaps > 0) {
    const message = `${name}: ${count(openGaps, 'gap')} in the archive; a restore ends there`;
    reasons.push({
      level: 'critical',
      message,
      hint: `Find the segments, or acknowledge the gap: walq repair ${name}.`,
    });
  }
  if (quarantined > lost) {
    const message = `${name}: ${count(quarantined - lost, 'segment')} in quarantine`;
    const hint = `Nothing is lost: the source is kept. What to do: walq repair ${name}.`;
    reasons.push({ level: 'warning', message, hint });
  }
  return reasons;
}

function judgeBacklog({ name, backlog, drainedInS, queue }: Judged): Reason[] {
  if (backlog === null || backlog.segments === 0) return [];
  const ageMs = backlog.oldestAgeMs ?? 0;
  const waits = `${name}: ${count(backlog.segments, 'segment')} wait, the oldest for ${showSpan(ageMs / 1_000)}`;
  if (queue !== null && queue.pause !== null) {
    const by = queue.pause.by === null ? '' : ` by ${queue.pause.by}`;
    const message = `${waits}; the source is paused${by}`;
    return [{ level: 'warning', message, hint: `Resume it: walq resume ${name}.` }];
  }
  if (ageMs < LATE_MS) return [];
  const level = ageMs >= VERY_LATE_MS || drainedInS === 'never' ? 'critical' : 'warning';
  return [
    {
      level,
      message: waits + drainOf(drainedInS),
      hint: 'Add workers, or look at what holds them back.',
    },
  ];
}

/** Nothing while it cannot be told. */
function drainOf(drainedInS: Judged['drainedInS']): string {
  if (drainedInS === null) return '';
  return drainedInS === 'never' ? '; it does not drain' : `; drained in ${showSpan(drainedInS)}`;
}

function judgeDisks({ name, disks }: Judged): Reason[] {
  return disks.flatMap(({ place, fullInS, freeBytes, sizeBytes }): Reason[] => {
    const isFull = freeBytes < sizeBytes / 100;
    const soonS = typeof fullInS === 'number' ? fullInS : Infinity;
    if (!isFull && soonS > FULL_SOON_S) return [];
    const level = isFull || soonS < FULL_VERY_SOON_S ? 'critical' : 'warning';
    const when = isFull ? 'is full' : `is full in ${showSpan(soonS)}`;
    return [
      { level, message: `${name}: the disk of the ${place} ${when}`, hint: 'Make room there.' },
    ];
  });
}

export const count = (number: number, noun: string): string =>
  `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
