/** The answer to "Is my WAL safe? If not, how long do I have?". */
import {
  worstLevel,
  showCount,
  showSpan,
  worstFirst,
  type Condition,
} from '@walq/wal-core/internal';
import type { Headline, HealthLevel, Reason, SourceDetails } from './page-state.ts';

export function headlineOf(
  sources: readonly SourceDetails[],
  bySource: readonly SourceReason[],
): Headline {
  const all = byCause([...bySource, ...fillingReasons(sources)]).toSorted(worstFirst);
  const reasons = all.map(({ cause: _, ...reason }) => reason);
  const level = worstLevel(reasons);
  return { level, reasons, sentence: sentenceFor(level, sources, reasons) };
}

/** Merges the reasons of one cause into the worst of them, with all its sources. */
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

const openings: Readonly<Record<Exclude<HealthLevel, 'ok'>, string>> = {
  critical: 'Action required for',
  warning: 'Attention needed for',
  unknown: 'State unknown for',
};

function sentenceFor(
  level: HealthLevel,
  sources: readonly SourceDetails[],
  reasons: readonly Reason[],
): string {
  if (sources.length === 0) return 'No sources are configured.';
  if (level === 'ok') return sentenceForOk(sources);
  const worst = reasons.filter((reason) => reason.level === level);
  const names = [...new Set(worst.flatMap((reason) => reason.sources))];
  const deadline = deadlineOf(sources);
  const opening = `${openings[level]} ${listed(names)}.`;
  return deadline === undefined ? opening : `${opening} ${deadline}.`;
}

function sentenceForOk(sources: readonly SourceDetails[]): string {
  const sum = (of: (view: SourceDetails) => number): number =>
    sources.reduce((all, view) => all + of(view), 0);
  const waiting = sum(({ backlog }) => backlog?.segments ?? 0);
  const unflushed = sum((view) => view.unflushed?.segments ?? 0);
  const archived = sum((view) => view.archived?.segments ?? 0);
  const open =
    unflushed === 0
      ? ''
      : ` ${showCount(unflushed, 'sealed segment')} ${areIs(unflushed)} not flushed yet.`;
  if (waiting > 0) {
    return `${showCount(waiting, 'segment')} ${areIs(waiting)} being archived${drainOfAll(sources)}.${open}`;
  }
  if (archived === 0) return `Nothing has been flushed or archived yet.${open}`;
  return `All flushed WAL is archived.${open}`;
}

const areIs = (count: number): string => (count === 1 ? 'is' : 'are');

const NAMED_MAX = 3;

function listed(names: readonly string[]): string {
  const named = names.slice(0, NAMED_MAX);
  const more = names.length - named.length;
  if (more > 0) return `${named.join(', ')} and ${more} more`;
  return named.length < 2 ? named.join('') : `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`;
}

/** The time until the first filesystem is full, of sources with a backlog. */
function deadlineOf(sources: readonly SourceDetails[]): string | undefined {
  const waiting = sources.filter(({ backlog }) => (backlog?.segments ?? 0) > 0);
  const [first] = fillingOf(waiting);
  if (first === undefined) return undefined;
  const { fullInS, places, sources: names } = first;
  return `You have ${showSpan(fullInS * 1_000)} until the filesystem of ${places} of ${listed(names)} is full`;
}

function drainOfAll(sources: readonly SourceDetails[]): string {
  const times = sources.flatMap(({ drainedInS }) =>
    typeof drainedInS === 'number' ? [drainedInS] : [],
  );
  const longest = Math.max(0, ...times);
  return longest > 0 ? `; done in about ${showSpan(longest * 1_000)}` : '';
}

interface SourceReason extends Reason {
  /** Equal for sources that one cause affects. */
  readonly cause: string;
}

/** Figures older than this count as out of date: the scan of a disk that hangs does not fail, it only never ends. */
const STALE_MS = 300_000;

/** What is wrong with one source, the worst first: its conditions, and figures that are out of date. */
export function reasonsOf(view: SourceDetails, nowMs: number): SourceReason[] {
  const sources = [view.name];
  const reasons = view.conditions.map(({ message, hint, since, level, cause, kind }) => ({
    level: kind === 'late' && view.drainedInS === 'never' ? ('critical' as const) : level,
    message: kind === 'late' ? message + drainOf(view.drainedInS) : message,
    hint,
    cause,
    since: since === null ? null : Date.parse(since),
  }));
  return [...reasons, ...staleness(view, nowMs)]
    .map((reason) => ({ ...reason, sources }))
    .toSorted(worstFirst);
}

function staleness({ name, problem, scannedAt }: SourceDetails, nowMs: number) {
  if (problem !== null) return [];
  const reason = { level: 'unknown' as const, since: scannedAt, cause: `stale ${name}` };
  if (scannedAt === null) {
    const hint = `Check that walq producer runs on the host that has the source ${name}.`;
    return [{ ...reason, message: 'The source has not been scanned yet', hint }];
  }
  if (nowMs - scannedAt < STALE_MS) return [];
  const message = `The last scan was ${showSpan(nowMs - scannedAt)} ago, so the figures are out of date`;
  const hint =
    'Run df on the directories of the source and its archive: df hangs if their disk does.';
  return [{ ...reason, message, hint }];
}

function drainOf(drainedInS: SourceDetails['drainedInS']): string {
  if (drainedInS === null) return '';
  if (drainedInS === 'never') return '; the backlog is not shrinking';
  return `; drained in about ${showSpan(drainedInS * 1_000)}`;
}

const isOfKind = ({ conditions }: SourceDetails, ...kinds: readonly Condition['kind'][]): boolean =>
  conditions.some(({ kind }) => kinds.includes(kind));

const FULL_SOON_S = 4 * 3_600;
const FULL_VERY_SOON_S = 3_600;

/** A filesystem that will be full, with all sources whose directory or archive is on it. */
interface Filling {
  readonly sources: readonly string[];
  /** Such as `the source and the archive`. */
  readonly places: string;
  readonly fullInS: number;
}

/** Ordered by the time until full, the shortest first. */
function fillingOf(sources: readonly SourceDetails[]): Filling[] {
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

/** Leaves out sources with a disk that is already full, which is a condition of the source. */
function fillingReasons(sources: readonly SourceDetails[]): SourceReason[] {
  const notFull = sources.filter((one) => !isOfKind(one, 'archive-full', 'source-full'));
  return fillingOf(notFull)
    .filter(({ fullInS }) => fullInS <= FULL_SOON_S)
    .map(({ sources: names, places, fullInS }) => ({
      level: fullInS < FULL_VERY_SOON_S ? 'critical' : 'warning',
      sources: names,
      message: `The filesystem of ${places} will be full in ${showSpan(fullInS * 1_000)}`,
      hint: 'Free space there, start more workers, or slow the writers down.',
      since: null,
      cause: `filling ${places} ${names.join(' ')}`,
    }));
}
