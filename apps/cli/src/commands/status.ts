import { queueNameOf, type QueueSnapshot } from '@walq/archive-queue/observe';
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
import { showAge, showCount } from '../terminal/human.ts';
import { printJson, printLines } from '../terminal/print.ts';
import { watchLines } from '../terminal/screen.ts';
import { bytesColumn, tableLines } from '../terminal/table.ts';

interface StatusOptions {
  readonly maxAge?: number;
  /** True without an interval. */
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
    if (watch === undefined) {
      const status = await readStatus(config);
      if (call.json) await printJson(asJson(config, status));
      else await printLines(statusLines(config, status));
      return isBlocked(status.sources) || isLate(status.sources, call.options.maxAge)
        ? 1
        : undefined;
    }
    const intervalMs = watch === true ? WATCH_MS : Math.max(watch, WATCH_MS_MIN);
    if (call.json) return watchJson(call, config, intervalMs);
    await watchLines({ ...call, title: 'walq status', intervalMs }, async () =>
      statusLines(config, await readStatus(config)),
    );
  },
};

const WATCH_MS = 2_000;
const WATCH_MS_MIN = 500;

/** One line of JSON for each round. */
async function watchJson(call: Call, config: StatusConfig, intervalMs: number): Promise<void> {
  call.endAtOnce(() => undefined);
  while (!call.signal.aborted) {
    await printJson(asJson(config, await readStatus(config)));
    await sleep(intervalMs, undefined, { signal: call.signal }).catch(() => undefined);
  }
}

interface Status {
  readonly sources: Sources;
  readonly queue: QueueSnapshot;
}

async function readStatus(config: StatusConfig): Promise<Status> {
  const queueSnapshot = queueStatus(config);
  const snapshots = requireSources(config).map(
    async (source) =>
      [source.name, await sourceStatus(source, config.compression.level, queueSnapshot)] as const,
  );
  return { sources: Object.fromEntries(await Promise.all(snapshots)), queue: await queueSnapshot };
}

function asJson(config: Config, { sources, queue }: Status) {
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

/** Includes every source that could not be read. */
const isBlocked = (sources: Sources): boolean =>
  Object.values(sources).some(({ conditions }) => conditions.some((one) => one.isHolding));

function isLate(sources: Sources, maxAgeMs: number | undefined): boolean {
  return Object.values(sources).some(
    (status) =>
      maxAgeMs !== undefined && 'dueSegments' in status && (status.oldestDueAgeMs ?? 0) > maxAgeMs,
  );
}

function statusLines(config: Config, { sources, queue }: Status): string[] {
  const { redis, failure, queues, workers } = queue;
  const known = Object.entries(sources).flatMap(([name, status]): Row[] =>
    'problem' in status ? [] : [[name, status]],
  );
  const lines = tableLines(columnsOf(known), known.map(cellsOf));
  for (const [name, { conditions }] of Object.entries(sources)) {
    lines.push(...conditions.flatMap((one) => conditionLines(name, one)));
  }
  for (const [name, status] of known) {
    lines.push(...belowFloorLines(name, status.belowFloorAtSource));
  }
  for (const status of Object.values(sources)) lines.push(...quarantineLines(status));
  for (const [name, status] of Object.entries(sources)) {
    if ('problem' in status) continue;
    const waiting = status.dueSegments + status.quarantined.length;
    lines.push(...serverLines(name, status.server, waiting));
  }
  lines.push('');
  const why = failure === null ? '' : `: ${failure.message}`;
  lines.push(`redis      ${redis === 'none' ? 'none configured' : redis}${why}`);
  for (const [name, status] of Object.entries(sources)) {
    if ('level' in status) lines.push(`level      ${name}: ${levelWords(status.level)}`);
  }
  for (const [name, one] of Object.entries(byQueueName(config, queues))) {
    const { waiting, active, delayed, failed, pause } = one;
    const counts = `${waiting} waiting, ${active} active, ${delayed} delayed, ${failed} failed`;
    lines.push(`queue      ${name}: ${counts}${pause === null ? '' : '; paused'}`);
  }
  for (const { id, active, threads, threadsBusy } of workers) {
    const taken = `${showCount(active, 'segment')} taken`;
    lines.push(
      `worker     ${printable(id)}: ${threadsBusy} of ${showCount(threads, 'thread')} busy, ${taken}`,
    );
  }
  return lines;
}

type Row = readonly [name: string, status: SourceStatus];

const columnsOf = (rows: readonly Row[]) =>
  [
    { heading: 'SOURCE' },
    { heading: 'DUE', align: 'right' },
    bytesColumn(
      'BYTES',
      rows.map(([, { dueBytes }]) => dueBytes),
    ),
    { heading: 'OLDEST', align: 'right' },
    { heading: 'GAPS', align: 'right' },
    { heading: 'QUARANTINED', align: 'right' },
    { heading: 'NEWEST ARCHIVED' },
  ] as const;

const cellsOf = ([name, status]: Row) => [
  name,
  status.dueSegments,
  status.dueBytes,
  showAge(status.oldestDueAgeMs),
  status.gaps.length,
  status.quarantined.length,
  status.lastArchived === null
    ? '–'
    : `${status.lastArchived.segment} at ${status.lastArchived.archivedAt}`,
];

function belowFloorLines(name: string, count: number | undefined): string[] {
  if (count === undefined) return [];
  const what = `${showCount(count, 'segment')} at the source ${count === 1 ? 'is' : 'are'}`;
  return [
    `warning    ${name}: ${what} below the prune floor, so walq does not archive ${count === 1 ? 'it' : 'them'}`,
    '             hint: Copy these files if you need them, then remove them from the source.',
  ];
}

/** Read from the archive, so that it is right even if no worker is running. */
function levelWords({ recent }: AutoLevel): string {
  const [newest, ...before] = recent;
  if (newest === undefined) return 'auto, nothing archived yet';
  return `auto, currently ${newest}${before.length > 0 ? ` (was ${before.join(', ')})` : ''}`;
}

function quarantineLines(status: SourceStatus | UnknownStatus): string[] {
  if ('problem' in status || status.quarantined.length === 0) return [];
  return [
    ...status.quarantined.map(
      ({ segment, code, message }) =>
        `quarantined: ${printable(segment)}: ${printable(message)} (${code})`,
    ),
    'walq repair shows what to do about each',
  ];
}
