/** The answer to "Is my WAL safe? If not, how long do I have?". */
import {
  worstLevel,
  showCount,
  showSpan,
  worstFirst,
  type Condition,
} from '@walq/wal-core/internal';
import type { Level, Reason, SourceView, Verdict } from './page-state.ts';

export function judge(sources: readonly Judged[], bySource: readonly SourceReason[]): Verdict {
  const all = byCause([...bySource, ...judgeFilling(sources)]).toSorted(worstFirst);
  const reasons = all.map(({ cause: _, ...reason }) => reason);
  const level = worstLevel(reasons);
  return { level, reasons, sentence: sentenceFor(level, sources, reasons) };
}

/** One reason for each cause, with all its sources; the worst of them speaks for all. */
function byCause(reasons: readonly SourceReason[]): SourceReason[] {
  const found = new Map<string, SourceReason>();
  for (const reason of reasons.toSorted(worstFirst)) {
    const known = found.get(reason.cause);
    const sources = [...new Set([...(known?.sources ?? []), ...reason.sources])];
    const starts = [known?.since ?? null, reason.since].filter((one) => one !== null);
    const since = starts.length === 0 ? null : Math.min(...starts);
    found.set(reason.cause, { ...(known ?? reason), sources, since });
  }
  return [...found.values()];
}

const openings: Readonly<Record<Exclude<Level, 'ok'>, string>> = {
  critical: 'Action required for',
  warning: 'Attention needed for',
  unknown: 'Not everything can be seen of',
};

function sentenceFor(level: Level, sources: readonly Judged[], reasons: readonly Reason[]): string {
  if (sources.length === 0) return 'No sources are configured.';
  if (level === 'ok') return calmly(sources);
  const worst = reasons.filter((reason) => reason.level === level);
  const names = [...new Set(worst.flatMap((reason) => reason.sources))];
  const deadline = deadlineOf(sources);
  const opening = `${openings[level]} ${listed(names)}.`;
  return deadline === undefined ? opening : `${opening} ${deadline}.`;
}

function calmly(sources: readonly Judged[]): string {
  const sum = (of: (view: Judged) => number): number =>
    sources.reduce((all, view) => all + of(view), 0);
  const waiting = sum(({ backlog }) => backlog?.segments ?? 0);
  const unflushed = sum((view) => view.unflushed?.segments ?? 0);
  const archived = sum((view) => view.archived?.segments ?? 0);
  const open = unflushed === 0 ? '' : ` ${showCount(unflushed, 'sealed segment')} not flushed yet.`;
  if (waiting > 0) {
    return `${showCount(waiting, 'segment')} on the way to the archive${drainOfAll(sources)}.${open}`;
  }
  if (archived === 0) return `Nothing is flushed and nothing is archived yet.${open}`;
  return `All flushed WAL is in the archive.${open}`;
}

const NAMED_MAX = 3;

function listed(names: readonly string[]): string {
  const named = names.slice(0, NAMED_MAX);
  const more = names.length - named.length;
  if (more > 0) return `${named.join(', ')} and ${more} more`;
  return named.length < 2 ? named.join('') : `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`;
}

/** How long one has: the filesystem that is full first, while something waits. Never instead of what is wrong. */
function deadlineOf(sources: readonly Judged[]): string | undefined {
  const waiting = sources.filter(({ backlog }) => (backlog?.segments ?? 0) > 0);
  const [first] = fillingOf(waiting);
  if (first === undefined) return undefined;
  const { fullInS, places, sources: names } = first;
  return `You have ${showSpan(fullInS * 1_000)} until the filesystem of ${places} of ${listed(names)} is full`;
}

function drainOfAll(sources: readonly Judged[]): string {
  const times = sources.flatMap(({ drainedInS }) =>
    typeof drainedInS === 'number' ? [drainedInS] : [],
  );
  const longest = Math.max(0, ...times);
  return longest > 0 ? `, drained in ${showSpan(longest * 1_000)}` : '';
}

export type Judged = Omit<SourceView, 'level'>;

/** With what several sources may have in common. */
interface SourceReason extends Reason {
  readonly cause: string;
}

/** What was seen longer ago than this may be true no more: a disk that hangs is not seen to hang. */
const STALE_MS = 300_000;

/** What is wrong with one source, the worst first: its conditions, and what only watching it for long can tell. */
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

const isOfKind = ({ conditions }: Judged, ...kinds: readonly Condition['kind'][]): boolean =>
  conditions.some(({ kind }) => kinds.includes(kind));

const FULL_SOON_S = 4 * 3_600;
const FULL_VERY_SOON_S = 3_600;

/** A filesystem that is full soon, once, whatever sources and archives it holds. */
interface Filling {
  readonly sources: readonly string[];
  /** Such as `the source and the archive`. */
  readonly places: string;
  readonly fullInS: number;
}

/** Those that fill, the first that is full first. */
function fillingOf(sources: readonly Judged[]): Filling[] {
  const found = new Map<string, { names: Set<string>; places: Set<string>; fullInS: number }>();
  for (const { name, disks } of sources) {
    for (const { place, filesystem, fullInS } of disks) {
      if (typeof fullInS !== 'number') continue;
      const key = filesystem ?? `${place} ${name}`;
      const known = found.get(key) ?? { names: new Set(), places: new Set(), fullInS };
      known.names.add(name);
      known.places.add(`the ${place}`);
      found.set(key, { ...known, fullInS: Math.min(known.fullInS, fullInS) });
    }
  }
  return [...found.values()]
    .map(({ names, places, fullInS }) => ({
      sources: [...names],
      places: [...places].toSorted().toReversed().join(' and '),
      fullInS,
    }))
    .toSorted((a, b) => a.fullInS - b.fullInS);
}

/** What is full already is a condition of its source. */
function judgeFilling(sources: readonly Judged[]): SourceReason[] {
  const notFull = sources.filter((one) => !isOfKind(one, 'archive-full', 'source-full'));
  return fillingOf(notFull)
    .filter(({ fullInS }) => fullInS <= FULL_SOON_S)
    .map(({ sources: names, places, fullInS }) => ({
      level: fullInS < FULL_VERY_SOON_S ? 'critical' : 'warning',
      sources: names,
      message: `The filesystem of ${places} is full in ${showSpan(fullInS * 1_000)}`,
      hint: 'Make room there, add workers, or slow the writers.',
      since: null,
      cause: `filling ${places} ${names.join(' ')}`,
    }));
}
