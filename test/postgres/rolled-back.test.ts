import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@walq/test-support';
import { expect, test } from 'vitest';
import { newSite, type Site } from './site.ts';

const objectOf = (site: Site, name: string): Promise<Buffer> =>
  readFile(join(site.archive, 'main', name.slice(0, 16), `${name}.zst`));

test('WAL written again after a roll-back is never acknowledged by an old marker', async () => {
  const site = await newSite();
  const { server } = site;
  const up = await site.start('up', '--workers', '1');
  await up.waitForLine(/taking archive jobs/);
  await server.query('create table marks (text text)');
  await site.untilArchived(await server.switchWal());
  await server.stop();
  await site.owner.run('cp', ['--archive', server.dataDirectory, site.at('snapshot')]);

  // The roles archive ahead of PostgreSQL's requests: those files wait with their markers.
  await server.configure("archive_command = 'false'");
  await server.start();
  await server.query("insert into marks values ('before')");
  const name = await server.switchWal();
  await site.untilArchived(name);
  await server.stop('immediate');
  const before = await objectOf(site, name);

  await rm(server.dataDirectory, { recursive: true });
  await site.owner.run('cp', ['--archive', site.at('snapshot'), server.dataDirectory]);
  await server.start();
  await server.query("insert into marks values ('after')");
  expect(await server.switchWal()).toBe(name);
  await eventually(async () => {
    expect(await server.query('select last_failed_wal from pg_stat_archiver')).toBe(name);
    expect(await server.log()).toMatch(/different content|in quarantine/);
  });
  expect(await server.query('select last_archived_wal from pg_stat_archiver')).not.toBe(name);
  expect((await objectOf(site, name)).equals(before)).toBe(true);
});
