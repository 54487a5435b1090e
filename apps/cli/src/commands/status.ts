import { durationMs, examples } from '../arguments.ts';
import type { CliCommand } from '../command.ts';
import { queueStatus, type QueueStatus } from '../queue-status.ts';
import { renderFailure } from '../render-failure.ts';
import { requireSources } from '../require.ts';
import { serverLines } from '../postgres/server-lines.ts';
import {
  sourceStatus,
  type AutoLevel,
  type SourceStatus,
  type UnknownStatus,
} from '../source-status.ts';
import { showAge, showBytes, showCount } from '../terminal/human.ts';
import { note, print, printJson, printLines } from '../terminal/print.ts';
import { printable } from '../terminal/printable.ts';
import { tableLines } from '../terminal/table.ts';

interface StatusOptions {
  readonly maxAge?: number;
}

type Sources = Readonly<Record<string, SourceStatus | UnknownStatus>>;

export const command: CliCommand<StatusOptions> = {
  define(program) {
    program
      .option(
        '--max-age <duration>',
        'exit 1 when something is due for longer, such as 5m',
        durationMs,
      )
      .addHelpText('after', examples('walq status', 'walq status --max-age 5m --json'));
  },

  async run(call) {
    const config = await call.loadConfig({ secretsOf: ['redis'] });
    const queues = queueStatus(config);
    const looks = requireSources(config).map(
      async (source) =>
        [source.name, await sourceStatus(source, config.compression.level)] as const,
    );
    const sources: Sources = Object.fromEntries(await Promise.all(looks));
    const { redis, ...queued } = await queues;
    if (call.json) await printJson({ redis, sources, ...queued });
    else await printStatus(sources, { redis, ...queued });
    return isLate(sources, call.options.maxAge) ? 1 : undefined;
  },
};

/** True also for a source that could not be looked at: how late it is nobody knows. */
function isLate(sources: Sources, maxAgeMs: number | undefined): boolean {
  return Object.values(sources).some((status) => {
    if ('problem' in status) return true;
    return maxAgeMs !== undefined && (status.oldestDueAgeMs ?? 0) > maxAgeMs;
  });
}

const columns = [
  { heading: 'SOURCE' },
  { heading: 'DUE', align: 'right' },
  { heading: 'BYTES', align: 'right' },
  { heading: 'OLDEST', align: 'right' },
  { heading: 'GAPS', align: 'right' },
  { heading: 'QUARANTINED', align: 'right' },
  { heading: 'LAST ARCHIVED' },
] as const;

async function printStatus(
  sources: Sources,
  { redis, queues, workers }: QueueStatus,
): Promise<void> {
  const known = Object.entries(sources).flatMap(([name, status]) =>
    'problem' in status ? [] : [rowOf(name, status)],
  );
  await printLines(tableLines(columns, known));
  for (const status of Object.values(sources)) await printTrouble(status);
  for (const [name, status] of Object.entries(sources)) {
    if ('problem' in status) continue;
    const waiting = status.dueSegments + status.quarantined.length;
    await printLines(serverLines(name, status.server, waiting));
  }
  await print(`\nredis      ${redis}`);
  for (const [name, status] of Object.entries(sources)) {
    if ('givenUpAtSource' in status) await printGivenUp(name, status.givenUpAtSource);
    if ('level' in status) await print(`level      ${name}: ${levelWords(status.level)}`);
  }
  for (const [name, { waiting, active, delayed, failed }] of Object.entries(queues)) {
    await print(
      `queue      ${name}: ${waiting} waiting, ${active} active, ${delayed} delayed, ${failed} failed`,
    );
  }
  for (const { id, active, concurrency } of workers) {
    await print(`worker     ${id}: ${active} of ${showCount(concurrency, 'segment')} at once`);
  }
}

const rowOf = (name: string, status: SourceStatus): string[] => [
  name,
  String(status.dueSegments),
  showBytes(status.dueBytes),
  showAge(status.oldestDueAgeMs),
  String(status.gaps.length),
  String(status.quarantined.length),
  status.lastArchived === null
    ? '–'
    : `${status.lastArchived.segment} at ${status.lastArchived.archivedAt}`,
];

async function printGivenUp(name: string, count: number | undefined): Promise<void> {
  if (count === undefined) return;
  const what = showCount(count, 'segment');
  await print(`given up   ${name}: ${what} at the source below the prune floor, left as they are`);
}

/** What the archive says, so that it is right also where no worker runs. */
function levelWords({ recent }: AutoLevel): string {
  const [newest, ...before] = recent;
  if (newest === undefined) return 'auto, nothing archived yet';
  return `auto, ${newest} of late${before.length > 0 ? ` (before: ${before.join(', ')})` : ''}`;
}

async function printTrouble(status: SourceStatus | UnknownStatus): Promise<void> {
  if ('problem' in status) {
    const failure = Object.assign(new Error(status.problem.message), status.problem);
    return note(renderFailure(failure, { json: false, debug: false }));
  }
  for (const { segment, code, message } of status.quarantined) {
    await print(`quarantined: ${printable(segment)}: ${printable(message)} (${code})`);
  }
  if (status.quarantined.length > 0) await print('walq repair says what to do about each');
}
