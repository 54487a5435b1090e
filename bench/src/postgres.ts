/**
 * A backlog of ready segments, drained by PostgreSQL's own archiver and fetched back one by one, through walq and
 * through pgBackRest, interleaved. A recovery of all segments and a short one of the first 30.
 *
 *     node dist/postgres.js [SEGMENTS] [ROUNDS] [DATA_DIRECTORY]
 *
 * A data directory of a server that has ended, with ready segments, spares making them.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { inTurn, median, spreadOf, showSpread } from './figures.ts';
import { Cluster } from './postgres-cluster.ts';
import { cell, linesOf, type Table } from './report/table.ts';
import { projectWalq as walq } from './role.ts';

const count = Number(process.argv[2] ?? '78');
const rounds = Number(process.argv[3] ?? '3');
const SHORT_RECOVERY = Math.min(30, count);
const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());
const { signal } = stopping;
const cluster = new Cluster(signal);

interface Contestant {
  readonly name: string;
  readonly archiveCommand: string;
  readonly fetch: (segment: string) => string;
  /** Where its archive is. */
  readonly archive: string;
  /** Before PostgreSQL sees the backlog; gives what ends it. */
  prepare(): Promise<() => Promise<void>>;
}

/** What one contestant did in one round. */
interface Run {
  readonly drainMs: number;
  readonly fetchMs: number;
  readonly shortFetchMs: number;
  readonly bytes: number;
}

const pgBackRest: Contestant = {
  name: 'pgBackRest, archive-async, process-max=2',
  archiveCommand: `pgbackrest --config=${cluster.at('pgbackrest.conf')} --stanza=main archive-push %p`,
  fetch: (segment) =>
    `pgbackrest --config=${cluster.at('pgbackrest.conf')} --stanza=main --pg1-path=${cluster.at('restored')} archive-get ${segment} pg_wal/RECOVERYXLOG`,
  archive: cluster.at('repo'),
  prepare: createStanza,
};
const walqLevel3 = walqAs('walq, producer and one worker', () => startWalq(3));
const walqAuto = walqAs('walq, the same at level auto', () => startWalq('auto'));
const walqAlone = walqAs('walq, no role running', async () => {
  freshArchive();
  writeWalqConfiguration(3);
  return async () => undefined;
});
const contestants = [walqLevel3, walqAuto, walqAlone, pgBackRest];
const runs = new Map(contestants.map((one) => [one, [] as Run[]]));

try {
  writePgbackrestConfiguration();
  cluster.fill(count, process.argv[4]);
  for (let round = 0; round < rounds; round += 1) {
    for (const contestant of inTurn(contestants, round)) {
      console.error(`measuring  ${contestant.name}, round ${round + 1} of ${rounds}`);
      runs.get(contestant)?.push(await measure(contestant));
    }
  }
  console.log([resultsTable(), runsTable()].flatMap(linesOf).join('\n'));
} catch (error) {
  process.exitCode = 1;
  console.error(signal.aborted ? 'stopped' : error);
} finally {
  cluster.remove();
}

function resultsTable(): Table {
  const row = (
    what: string,
    [contestant, timesMin]: readonly [Contestant, number],
    of: (run: Run) => number,
  ): string[] => {
    const [ours, theirs] = [contestant, pgBackRest].map((one) => median(each(one, of)));
    // In the same round, as the machine was then.
    const times = median(
      each(pgBackRest, of).map((ms, at) => ms / (each(contestant, of)[at] ?? ms)),
    );
    return [
      what,
      `≥ ${timesMin} × as fast`,
      `${seconds(ours)} s, ${seconds(theirs)} s`,
      `${times.toFixed(2)} ×`,
      times >= timesMin ? 'yes' : 'no',
    ];
  };
  return {
    title: 'Results: walq, pgBackRest',
    head: ['what', 'to reach', 'measured', 'ratio', 'reached'],
    words: 3,
    rows: [
      row(`drained by PostgreSQL's archiver, level 3`, [walqLevel3, 1.3], (run) => run.drainMs),
      row('the same at level auto', [walqAuto, 1.6], (run) => run.drainMs),
      row(`${count} segments fetched one by one`, [walqLevel3, 2], (run) => run.fetchMs),
      row(`${SHORT_RECOVERY} segments`, [walqLevel3, 1.5], (run) => run.shortFetchMs),
    ],
  };
}

function each(contestant: Contestant, of: (run: Run) => number): number[] {
  return (runs.get(contestant) ?? []).map(of);
}

function seconds(ms = Number.NaN): string {
  return (ms / 1000).toFixed(2);
}

function runsTable(): Table {
  return {
    title: `${count} segments of 16 MiB, level 3, rounds: ${rounds}, medians (least to most)`,
    head: ['', 'drained, s', 'fetched, s', `${SHORT_RECOVERY} fetched, s`, 'archive MB'],
    words: 1,
    rows: contestants.map((one) => {
      const spread = (of: (run: Run) => number) =>
        showSpread(spreadOf(each(one, (run) => of(run) / 1000)));
      return [
        one.name,
        spread((run) => run.drainMs),
        spread((run) => run.fetchMs),
        spread((run) => run.shortFetchMs),
        cell(median(each(one, (run) => run.bytes)) / 1e6, 1),
      ];
    }),
  };
}

function walqAs(name: string, prepare: Contestant['prepare']): Contestant {
  const archive = cluster.at('archive');
  return {
    name,
    archiveCommand: `${walq} wal-push %p --config ${cluster.at('walq.toml')}`,
    fetch: (segment) => `${walq} wal-fetch ${segment} pg_wal/RECOVERYXLOG --archive ${archive}`,
    archive,
    prepare,
  };
}

async function measure(contestant: Contestant): Promise<Run> {
  signal.throwIfAborted();
  cluster.begin(contestant.archiveCommand);
  const end = await contestant.prepare();
  const drainMs = await drain(end);
  cluster.end();
  const size = execFileSync('du', ['-sb', contestant.archive], { encoding: 'utf8' });
  return {
    drainMs,
    fetchMs: await fetchAll(contestant, cluster.segments),
    shortFetchMs: await fetchAll(contestant, cluster.segments.slice(0, SHORT_RECOVERY)),
    bytes: Number(size.split('\t')[0]),
  };
}

async function drain(end: () => Promise<void>): Promise<number> {
  try {
    await cluster.warmUp();
    return await cluster.drain();
  } finally {
    await end();
  }
}

/** As a server in recovery does: one after another, through a shell, in the data directory. */
async function fetchAll({ fetch }: Contestant, segments: readonly string[]): Promise<number> {
  prepareRestored();
  try {
    const startedMs = performance.now();
    for (const segment of segments) {
      cluster.run('sh', ['-c', fetch(segment)], cluster.at('restored'));
      // A signal is noticed between two calls.
      await turn();
      signal.throwIfAborted();
    }
    return performance.now() - startedMs;
  } finally {
    // What fetches ahead ends with the server.
    rmSync(cluster.at('restored/postmaster.pid'));
    await sleep(2_000);
  }
}

function prepareRestored(): void {
  for (const name of ['restored', 'restored.walq', 'spool/archive/main/in']) {
    rmSync(cluster.at(name), { recursive: true, force: true });
  }
  cluster.run('mkdir', ['-p', cluster.at('restored/pg_wal')]);
  cluster.run('cp', [cluster.at('main/PG_VERSION'), cluster.at('restored')]);
  // pgBackRest compares it with the repository.
  cluster.run('cp', ['--recursive', cluster.at('main/global'), cluster.at('restored')]);
  // A server runs there.
  cluster.run('touch', [cluster.at('restored/postmaster.pid')]);
}

function freshArchive(): void {
  for (const name of ['archive', 'main.walq', 'state'])
    rmSync(cluster.at(name), { recursive: true, force: true });
  cluster.run('mkdir', [cluster.at('archive')]);
}

async function startWalq(level: number | 'auto'): Promise<() => Promise<void>> {
  freshArchive();
  writeWalqConfiguration(level);
  const up = cluster.start(walq, ['up', '--workers', '1', '--config', cluster.at('walq.toml')]);
  if (up.stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: up.stdout })) {
    if (line.includes('taking archive jobs')) break;
  }
  up.stdout.resume();
  return async () => {
    up.kill('SIGTERM');
    await once(up, 'exit');
  };
}

async function createStanza(): Promise<() => Promise<void>> {
  for (const name of ['repo', 'spool', 'lock', 'pgbackrest-log']) {
    rmSync(cluster.at(name), { recursive: true, force: true });
    cluster.run('mkdir', [cluster.at(name)]);
  }
  cluster.run('pgbackrest', [
    `--config=${cluster.at('pgbackrest.conf')}`,
    '--stanza=main',
    'stanza-create',
  ]);
  return async () => undefined;
}

function writeWalqConfiguration(level: number | 'auto'): void {
  writeFileSync(
    cluster.at('walq.toml'),
    `[archive]
url = "archive"
[dashboard]
listen = "127.0.0.1:0"
[metrics]
listen = "off"
[wal]
archive_parallelism = 2
[compression]
level = ${JSON.stringify(level)}
[sources.main]
type = "postgres"
path = "main"
`,
  );
}

function writePgbackrestConfiguration(): void {
  writeFileSync(
    cluster.at('pgbackrest.conf'),
    `[global]
repo1-path=${cluster.at('repo')}
spool-path=${cluster.at('spool')}
lock-path=${cluster.at('lock')}
log-path=${cluster.at('pgbackrest-log')}
archive-async=y
process-max=2
compress-type=zst
compress-level=3
log-level-console=off
log-level-file=off
[main]
pg1-path=${cluster.at('main')}
pg1-socket-path=${cluster.root}
`,
  );
}
