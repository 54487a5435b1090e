import { readdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@walq/test-support';
import { expect, test } from 'vitest';
import { newSite } from './site.ts';

test('a backup file that a power cut left empty is archived, and the WAL behind it', async () => {
  const site = await newSite();
  const { server } = site;
  await server.query("alter system set archive_command = 'false'");
  await server.query('select pg_reload_conf()');
  // Without waiting for its WAL, which nobody archives now.
  await server.query("select pg_backup_start('b', true); select pg_backup_stop(false)");
  const backup = (await readdir(server.walDirectory)).find((name) => name.endsWith('.backup'));
  await truncate(join(server.walDirectory, backup ?? 'no backup file'), 0);
  await server.query('create table marks (n int)');
  const last = await server.switchWal();

  await server.query('alter system reset archive_command');
  await server.query('select pg_reload_conf()');
  await eventually(async () =>
    expect(await server.query('select last_archived_wal from pg_stat_archiver')).toBe(last),
  );
  expect(site.isArchived(backup ?? '')).toBe(true);
  const back = site.at('fetched');
  const archive = ['--archive', site.archive, '--source', 'main', '--ahead', '0'];
  await site.walq('wal-fetch', backup ?? '', back, ...archive);
  expect(await readFile(back)).toHaveLength(0);
});
