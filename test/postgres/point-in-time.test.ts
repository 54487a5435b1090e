import { expect, test } from 'vitest';
import { eventually } from '@walq/test-support';
import { readFile, writeFile } from 'node:fs/promises';
import { newSite, walq, type Site } from './site.ts';
import type { PostgresServer } from './postgres-server.ts';
import { recovered } from './recovering.ts';

const rows = (server: PostgresServer): Promise<string> =>
  server.query('select count(*) from marks');

/** Settings of a server that archives under the same name as the first, from another data directory. */
async function archivingAs(site: Site, name: string): Promise<readonly string[]> {
  const config = site.at(`${name}.toml`);
  await writeFile(config, (await readFile(site.config, 'utf8')).replace('"main"', `"${name}"`));
  return ['archive_mode = on', `archive_command = '${walq} wal-push %p --config ${config}'`];
}

const untilRefused = (server: PostgresServer, why: string): Promise<void> =>
  eventually(async () => {
    expect(await server.query('select failed_count > 0 from pg_stat_archiver')).toBe('t');
    expect(await server.log()).toContain(why);
  });

test('to a restore point, to the end, to a new timeline and back to the old', async () => {
  const site = await newSite();
  const { server } = site;
  const up = await site.start('up', '--workers', '1');
  await up.waitForLine(/taking archive jobs/);
  await server.pgbench('--initialize', '--scale', '5', '--quiet');
  await server.query('create table marks (n int)');
  const load = await server.startPgbench('--client', '2', '--time', '600');
  await server.query('insert into marks select generate_series(1, 100)');
  await server.baseBackup(site.at('backup'));
  await server.query('insert into marks select generate_series(1, 900)');
  await server.query("select pg_create_restore_point('here')");
  await server.query('insert into marks select generate_series(1, 500)');
  await load.kill('SIGTERM');
  const accounts = await server.query('select sum(abalance) from pgbench_accounts');
  const last = await server.switchWal();
  await site.untilArchived(last);
  await server.stop('immediate');

  const atPoint = await recovered(site, 'at-point', 5433, "recovery_target_name = 'here'");
  expect(await rows(atPoint)).toBe('1000');
  await atPoint.stop();

  const toEnd = await recovered(site, 'to-end', 5434, ...(await archivingAs(site, 'to-end')));
  expect(await rows(toEnd)).toBe('1500');
  expect(await toEnd.query('select sum(abalance) from pgbench_accounts')).toBe(accounts);
  // It has the system identifier of the first, so it could be a clone for staging: nobody has said otherwise.
  await untilRefused(toEnd, 'walq adopt main');
  expect(site.isArchived('00000002.history')).toBe(false);

  await site.owner.run(walq, ['adopt', 'main', '--config', site.at('to-end.toml')]);
  await toEnd.query('insert into marks select generate_series(1, 7)');
  const onNew = await toEnd.switchWal();
  expect(onNew.slice(0, 8)).toBe('00000002');
  await site.untilArchived('00000002.history');
  await site.untilArchived(onNew);
  await toEnd.stop();

  const newTimeline = await recovered(site, 'new', 5435, "recovery_target_timeline = 'latest'");
  expect(await rows(newTimeline)).toBe('1507');
  const oldTimeline = await recovered(site, 'old', 5436, "recovery_target_timeline = '1'");
  expect(await rows(oldTimeline)).toBe('1500');
});
