import { rename } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@walq/test-support';
import { expect, test } from 'vitest';
import { newSite } from './site.ts';

const rows = 'select count(*) from marks';

test('a standby fed by wal-fetch outlives an archive that is away for a minute', async () => {
  const site = await newSite();
  const { server } = site;
  await server.query('create table marks (n int)');
  await server.baseBackup(site.at('standby'));
  const standby = await site.other('standby', 5433);
  const command = site.restoreCommand.replace('wal-fetch', 'wal-fetch --timeout 3s');
  await standby.configure('archive_mode = off', `restore_command = '${command}'`);
  await standby.signalFile('standby.signal');
  const write = async (): Promise<string> => {
    await server.query('insert into marks select generate_series(1, 10)');
    return server.switchWal();
  };
  await site.untilArchived(await write());
  await standby.start();
  const follows = (count: string) =>
    eventually(async () => expect(await standby.query(rows)).toBe(count));
  await follows('10');

  await rename(site.archive, `${site.archive}-away`);
  const during = await write();
  await sleep(60_000);
  expect(await standby.query(rows)).toBe('10');
  await rename(`${site.archive}-away`, site.archive);
  await site.untilArchived(during);
  await follows('20');
  expect(await standby.log()).not.toMatch(/FATAL|PANIC/);
  expect(await standby.query('select pg_is_in_recovery()')).toBe('t');
  expect(await server.log()).toContain('Mount the archive.');
});
