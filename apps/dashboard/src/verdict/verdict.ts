/** The answer to "is my WAL safe, and if not, until when do I have?", in one sentence. */
import type { QueueSight } from '../lookout/queue-watch.ts';
import type { Level, Reason, SourceView, Verdict } from '../state/page-state.ts';
import { count, levelOf, worstFirst } from './judge-source.ts';
import { showSpan } from './show-span.ts';

type Judged = Omit<SourceView, 'level'>;

export function judge(
  sources: readonly Judged[],
  queues: Pick<QueueSight, 'redis' | 'workers'>,
  bySource: readonly Reason[],
): Verdict {
  const reasons = [...judgeRoles(sources, queues), ...bySource].toSorted(worstFirst);
  const level = levelOf(reasons);
  return { level, reasons, sentence: sentenceFor(level, sources, reasons) };
}

function judgeRoles(
  sources: readonly Judged[],
  { redis, workers }: Pick<QueueSight, 'redis' | 'workers'>,
): Reason[] {
  if (redis === 'unreachable') {
    const message = 'Redis cannot be reached: nothing new is archived, and nothing is lost';
    return [{ level: 'warning', message, hint: 'Check redis.url and that the server runs.' }];
  }
  const stuck = workers.filter(({ isStuck }) => isStuck);
  const reasons: Reason[] = stuck.map(({ id }) => ({
    level: 'critical',
    message: `worker ${id} has work and gets nowhere`,
    hint: 'Look at its disks and its log, then restart it.',
  }));
  const isBehind = sources.some(({ backlog }) => (backlog?.segments ?? 0) > 0);
  if (workers.length > 0 || !isBehind) return reasons;
  const message = 'segments wait, and no worker is there';
  return [...reasons, { level: 'critical', message, hint: 'Start one: walq worker.' }];
}

function sentenceFor(level: Level, sources: readonly Judged[], reasons: readonly Reason[]): string {
  const waiting = sources.reduce((sum, { backlog }) => sum + (backlog?.segments ?? 0), 0);
  if (sources.length === 0) return 'No sources are configured.';
  if (level === 'unknown') return 'Not everything can be seen.';
  const deadline = deadlineOf(sources);
  if (level === 'ok') {
    if (waiting === 0) return 'All flushed WAL is in the archive.';
    return `${count(waiting, 'segment')} on the way to the archive${drainOf(sources)}.`;
  }
  const safe = level === 'critical' ? 'Your WAL needs you' : 'Your WAL is safe for now';
  const [first] = reasons;
  const worst = `${safe}: ${first?.message ?? 'see below'}.`;
  return deadline === undefined ? worst : `${worst} ${deadline}.`;
}

/** Until when one has: the disk that is full first, while something waits. Never instead of what is wrong. */
function deadlineOf(sources: readonly Judged[]): string | undefined {
  const disks = sources.flatMap(({ name, disks: own, backlog }) =>
    (backlog?.segments ?? 0) === 0
      ? []
      : own.flatMap(({ place, fullInS }) =>
          typeof fullInS === 'number' ? [{ name, place, fullInS }] : [],
        ),
  );
  const [first] = disks.toSorted((a, b) => a.fullInS - b.fullInS);
  if (first === undefined) return undefined;
  return `You have ${showSpan(first.fullInS)} until the disk of the ${first.place} of ${first.name} is full`;
}

function drainOf(sources: readonly Judged[]): string {
  const times = sources.flatMap(({ drainedInS }) =>
    typeof drainedInS === 'number' ? [drainedInS] : [],
  );
  const longest = Math.max(0, ...times);
  return longest > 0 ? `, drained in ${showSpan(longest)}` : '';
}
