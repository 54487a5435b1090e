/**
 * A backlog of ready segments, drained by PostgreSQL's own archiver and fetched back one by one, through walq
 * and through pgBackRest, interleaved.
 *
 *     node dist/postgres.js [SEGMENTS] [ROUNDS] [DATA_DIRECTORY]
 *
 * A data directory of a server that has ended, with ready segments, spares making them.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { median } from './figures.ts';
import { Cluster } from './postgres-cluster.ts';

const walq = fileURLToPath(new URL('../../apps/cli/bin/walq', import.meta.url));
const count = Number(process.argv[2] ?? '78');
const rounds = Number(process.argv[3] ?? '3');
const cluster = new Cluster();

interface Contestant {
  readonly name: string;
  readonly archiveCommand: string;
  readonly fetch: (segment: string) => string;
  /** Where its archive is. */
  readonly archive: string;
  /** Before PostgreSQL sees the backlog; gives what ends it. */
  prepare(): Promise<() => Promise<void>>;
}

const contestants: readonly Contestant[] = [
  walqAs('walq, producer and one worker', () => startWalq(3)),
  walqAs('walq, the same at level auto', () => startWalq('auto')),
  walqAs('walq, no role running', async () => {
    freshArchive();
    writeWalqConfiguration(3);
    return async () => undefined;
  }),
  {
    name: 'pgBackRest, archive-async, process-max=2',
    archiveCommand: `pgbackrest --config=${cluster.at('pgbackrest.conf')} --stanza=main archive-push %p`,
    fetch: (segment) =>
      `pgbackrest --config=${cluster.at('pgbackrest.conf')} --stanza=main --pg1-path=${cluster.at('restored')} archive-get ${segment} pg_wal/RECOVERYXLOG`,
    archive: cluster.at('repo'),
    prepare: createStanza,
  },
];

try {
  writePgbackrestConfiguration();
  cluster.fill(count, process.argv[4]);
  const figures = contestants.map(() => ({
    drain: [] as number[],
    fetch: [] as number[],
    bytes: 0,
  }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const [index, contestant] of contestants.entries()) {
      const { drainMs, fetchMs, bytes } = await measure(contestant);
      figures[index]?.drain.push(drainMs);
      figures[index]?.fetch.push(fetchMs);
      Object.assign(figures[index] ?? {}, { bytes });
      console.log(
        `round ${round}  ${contestant.name}: drained ${Math.round(drainMs)} ms, fetched ${Math.round(fetchMs)} ms`,
      );
    }
  }
  console.log(`\n${count} segments of 16 MiB, level 3, ${rounds} rounds, medians:`);
  for (const [index, { name }] of contestants.entries()) {
    const { drain = [], fetch = [], bytes = 0 } = figures[index] ?? {};
    console.log(
      `${name.padEnd(42)} drain ${Math.round(median(drain))} ms   fetch ${Math.round(median(fetch))} ms   ${(bytes / 1e6).toFixed(1)} MB`,
    );
  }
} finally {
  cluster.remove();
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

async function measure(contestant: Contestant) {
  cluster.begin(contestant.archiveCommand);
  const end = await contestant.prepare();
  await cluster.warmUp();
  const drainMs = await cluster.drain();
  await end();
  cluster.end();
  const bytes = Number(
    execFileSync('du', ['-sb', contestant.archive], { encoding: 'utf8' }).split('\t')[0],
  );
  return { drainMs, fetchMs: await fetchAll(contestant), bytes };
}

/** As a server in recovery does: one after another, through a shell, in the data directory. */
async function fetchAll({ fetch }: Contestant): Promise<number> {
  rmSync(cluster.at('restored'), { recursive: true, force: true });
  rmSync(cluster.at('restored.walq'), { recursive: true, force: true });
  cluster.run('mkdir', ['-p', cluster.at('restored/pg_wal')]);
  cluster.run('cp', [cluster.at('main/PG_VERSION'), cluster.at('restored')]);
  // pgBackRest compares it with the repository.
  cluster.run('cp', ['--recursive', cluster.at('main/global'), cluster.at('restored')]);
  // A server runs there: what fetches ahead ends with it.
  cluster.run('touch', [cluster.at('restored/postmaster.pid')]);
  const startedMs = performance.now();
  for (const segment of cluster.segments)
    cluster.run('sh', ['-c', fetch(segment)], cluster.at('restored'));
  const tookMs = performance.now() - startedMs;
  rmSync(cluster.at('restored/postmaster.pid'));
  await sleep(2_000);
  return tookMs;
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
