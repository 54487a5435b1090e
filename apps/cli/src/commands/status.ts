import { queueNameOf, type QueueSnapshot } from '@walq/archive-queue';
import type { Config, ConfigWith } from '@walq/config';
import { setTimeout as sleep } from 'node:timers/promises';
import { printable } from '@walq/wal-core/printable';
import { durationMs } from '../command-line/arguments.ts';
import type { Call, CliCommand } from '../command-line/command.ts';
import {
  conditionLines,
  sourceStatus,
  type AutoLevel,
  type SourceStatus,
  type UnknownStatus,
} from '../sources/source-status.ts';
import { queueStatus } from '../sources/queue-status.ts';
import { requireSources } from '../sources/require.ts';
import { serverLines } from '../postgres/server-lag.ts';
import { showAge, showBytes, showCount } from '../terminal/human.ts';
import { clearScreen, print, printJson, printLines } from '../terminal/print.ts';
import { tableLines } from '../terminal/table.ts';

interface StatusOptions {
  readonly maxAge?: number;
  /** True where no interval was given. */
  readonly watch?: number | true;
}

type StatusConfig = ConfigWith<'redis'>;
type Sources = Readonly<Record<string, SourceStatus | UnknownStatus>>;

export const command: CliCommand<StatusOptions> = {
  examples: ['walq status', 'walq status --watch', 'walq status --max-age 5m --json'],

  define(program) {
    program
      .option(
        '--max-age <duration>',
        'exit 1 if a segment has been due for longer than this, such as 5m',
        durationMs,
      )
      .option('--watch [interval]', 'refresh until Ctrl-C (default interval: 2s)', durationMs);
  },

  async run(call) {
    const config = await call.loadConfig({ secretsOf: ['redis'] });
    const { watch } = call.options;
    if (watch === undefined) return showOnce(call, config);
    const intervalMs = watch === true ? WATCH_MS : Math.max(watch, WATCH_MS_MIN);
    while (!call.signal.aborted) {
      await showOnce(call, config);
      await sleep(intervalMs, undefined, { signal: call.signal }).catch(() => undefined);
    }
  },
};

const WATCH_MS = 2_000;
const WATCH_MS_MIN = 500;

async function showOnce(call: Call<StatusOptions>, config: StatusConfig): Promise<number | void> {
  const queueSnapshot = queueStatus(config);
  const statuses = requireSources(config).map(
    async (source) =>
      [source.name, await sourceStatus(source, config.compression.level, queueSnapshot)] as const,
  );
  const sources: Sources = Object.fromEntries(await Promise.all(statuses));
  const queue = await queueSnapshot;
  if (call.json) await printJson(asJson(config, sources, queue));
  else {
    if (call.options.watch !== undefined) await printWatchHeader();
    await printStatus(config, sources, queue);
  }
  return isHeld(sources) || isLate(sources, call.options.maxAge) ? 1 : undefined;
}

/** A terminal shows only the latest status; a file or pipe gets all of them, each after its time. */
async function printWatchHeader(): Promise<void> {
  if (process.stdout.isTTY) clearScreen();
  else await print('');
  await print(new Date().toISOString());
}

function asJson(config: Config, sources: Sources, queue: QueueSnapshot) {
  const { redis, failure, queues, workers } = queue;
  return {
    redis,
    redisFailure: failure,
    sources,
    queues: byQueueName(config, queues),
    workers: workers.map(({ id, host, concurrency, active, threads, threadsBusy }) => ({
      id,
      host,
      concurrency,
      active,
      threads,
      threadsBusy,
    })),
  };
}

const byQueueName = (config: Config, queues: QueueSnapshot['queues']) =>
  Object.fromEntries(
    Object.entries(queues).map(([source, one]) => [queueNameOf(config.queue.name, source), one]),
  );

/** A source that could not be read has such a condition too. */
const isHeld = (sources: Sources): boolean =>
  Object.values(sources).some(({ conditions }) => conditions.some((one) => one.isHolding));

function isLate(sources: Sources, maxAgeMs: number | undefined): boolean {
  return Object.values(sources).some(
    (status) =>
      maxAgeMs !== undefined && 'dueSegments' in status && (status.oldestDueAgeMs ?? 0) > maxAgeMs,
  );
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
  config: Config,
  sources: Sources,
  { redis, failure, queues, workers }: QueueSnapshot,
): Promise<void> {
  const known = Object.entries(sources).flatMap(([name, status]) =>
    'problem' in status ? [] : [rowOf(name, status)],
  );
  await printLines(tableLines(columns, known));
  for (const [name, { conditions }] of Object.entries(sources)) {
    await printLines(conditions.flatMap((one) => conditionLines(name, one)));
  }
  for (const status of Object.values(sources)) await printQuarantine(status);
  for (const [name, status] of Object.entries(sources)) {
    if ('problem' in status) continue;
    const waiting = status.dueSegments + status.quarantined.length;
    await printLines(serverLines(name, status.server, waiting));
  }
  await print('');
  const why = failure === null ? '' : `: ${failure.message}`;
  await print(`redis      ${redis === 'none' ? 'none configured' : redis}${why}`);
  for (const [name, status] of Object.entries(sources)) {
    if ('belowFloorAtSource' in status) await printBelowFloor(name, status.belowFloorAtSource);
    if ('level' in status) await print(`level      ${name}: ${levelWords(status.level)}`);
  }
  for (const [name, one] of Object.entries(byQueueName(config, queues))) {
    const { waiting, active, delayed, failed, pause } = one;
    const counts = `${waiting} waiting, ${active} active, ${delayed} delayed, ${failed} failed`;
    await print(`queue      ${name}: ${counts}${pause === null ? '' : '; paused'}`);
  }
  for (const { id, active, threads, threadsBusy } of workers) {
    const taken = `${showCount(active, 'segment')} taken`;
    await print(
      `worker     ${printable(id)}: ${threadsBusy} of ${showCount(threads, 'thread')} busy, ${taken}`,
    );
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

async function printBelowFloor(name: string, count: number | undefined): Promise<void> {
  if (count === undefined) return;
  const what = showCount(count, 'segment');
  await print(
    `unarchived ${name}: ${what} at the source below the prune floor, which walq does not archive`,
  );
}

/** Read from the archive, so that it is right even if no worker is running. */
function levelWords({ recent }: AutoLevel): string {
  const [newest, ...before] = recent;
  if (newest === undefined) return 'auto, nothing archived yet';
  return `auto, currently ${newest}${before.length > 0 ? ` (was ${before.join(', ')})` : ''}`;
}

async function printQuarantine(status: SourceStatus | UnknownStatus): Promise<void> {
  if ('problem' in status) return;
  for (const { segment, code, message } of status.quarantined) {
    await print(`quarantined: ${printable(segment)}: ${printable(message)} (${code})`);
  }
  if (status.quarantined.length > 0) await print('walq repair shows what to do about each');
}
