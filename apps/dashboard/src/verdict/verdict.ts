/** The answer to "Is my WAL safe? If not, how long do I have?". */
import { levelOf, showCount, showSpan, worstFirst } from '@walq/wal-core/internal';
import type { Level, Reason, Verdict } from '../state/page-state.ts';
import { fillingOf, judgeFilling } from './filling.ts';
import type { Judged, SourceReason } from './judge-source.ts';

export function judge(sources: readonly Judged[], bySource: readonly SourceReason[]): Verdict {
  const all = byCause([...bySource, ...judgeFilling(sources)]).toSorted(worstFirst);
  const reasons = all.map(({ cause: _, ...reason }) => reason);
  const level = levelOf(reasons);
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
    return `${showCount(waiting, 'segment')} on the way to the archive${drainOf(sources)}.${open}`;
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

function drainOf(sources: readonly Judged[]): string {
  const times = sources.flatMap(({ drainedInS }) =>
    typeof drainedInS === 'number' ? [drainedInS] : [],
  );
  const longest = Math.max(0, ...times);
  return longest > 0 ? `, drained in ${showSpan(longest * 1_000)}` : '';
}
