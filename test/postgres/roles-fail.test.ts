import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, startRedis } from '@walq/test-support';
import { expect, test } from 'vitest';
import { recovered } from './recovering.ts';
import { newSite, type Site } from './site.ts';

const sumOf = 'select sum(abalance) || count(*)::text from pgbench_accounts';

/**
 * Waits until so many more segments of the load are archived. Switches WAL, because a slow disk takes minutes to fill a
 * segment.
 */
async function untilMoreSegments(site: Site, count: number): Promise<void> {
  const archivedNow = async () =>
    Number(await site.server.query('select archived_count from pg_stat_archiver'));
  const before = await archivedNow();
  for (let switched = 0; switched < count; switched += 1) await site.server.switchWal();
  await eventually(async () => expect(await archivedNow()).toBeGreaterThanOrEqual(before + count));
}

test('a worker killed, Redis away and emptied, no worker at all: everything is archived', async () => {
  const redis = await startRedis();
  const site = await newSite({ redisUrl: `redis://127.0.0.1:${redis.port}` });
  const { server } = site;
  await site.startRole('producer');
  const first = await site.startRole('worker');
  await server.query('create table marks (n int)');
  await server.pgbench('--initialize', '--scale', '10', '--quiet');
  await server.baseBackup(site.at('backup'));
  const from = await server.query('select pg_current_wal_lsn()');
  const load = await server.startPgbench('--client', '2', '--time', '600', '--no-vacuum');
  await untilMoreSegments(site, 2);

  await first.kill('SIGKILL');
  await untilMoreSegments(site, 2);
  const second = await site.startRole('worker');
  await untilMoreSegments(site, 2);
  await redis.kill();
  await sleep(30_000);
  await untilMoreSegments(site, 1);
  await redis.start();
  await redis.flushAll();
  await untilMoreSegments(site, 2);
  await second.kill('SIGTERM');
  await untilMoreSegments(site, 2);
  await load.kill('SIGTERM');
  const until = await server.query('insert into marks values (1); select pg_current_wal_lsn()');
  const sum = await server.query(sumOf);
  const last = await server.switchWal();
  await site.untilArchived(last);
  expect(await server.query('select failed_count, last_failed_wal from pg_stat_archiver')).toBe(
    '0|',
  );
  await server.stop('immediate');

  const again = await recovered(site, 'again', 5433);
  expect(await again.query(sumOf)).toBe(sum);
  expect(await again.query('select n from marks')).toBe('1');
  await site.walq('restore', 'main', '--to', site.at('plain'));
  const [begin, end] = await again
    .query(`select pg_walfile_name('${from}'), pg_walfile_name('${until}')`)
    .then((row) => row.split('|'));
  await server.waldump(
    site.at('plain'),
    `00000001${(begin ?? '').slice(8)}`,
    `00000001${(end ?? '').slice(8)}`,
  );
  expect(JSON.parse(await site.walq('verify', '--deep', '--json'))).toMatchObject({ ok: true });
});
