/** The commands of docs/retention.md for PostgreSQL, on a server of the test's own. */
import { mkdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { commandsOf, sectionOf } from './documented-commands.ts';
import { binariesFolder } from './owner.ts';
import { newSite, type Site } from './site.ts';

test('prune keeps the WAL of the base backups that the page names, and removes what is older', async () => {
  const site = await newSite();
  await site.server.query('create table marks (n int)');
  const old = await archiveOne(site);
  await mkdir(site.at('backup'));
  await site.owner.own(site.at('backup'));
  await site.server.baseBackup(site.at('backup/2026-11-20'));
  const [backUp = '', prune = ''] = commandsOf(await sectionOf('retention.md', 'PostgreSQL'));
  await run(site, backUp);
  const last = await archiveOne(site);

  await run(site, prune);
  expect(site.isArchived(old)).toBe(true);
  await run(site, `${prune} --grace 0s`);
  expect(site.isArchived(old)).toBe(false);
  const label = await readFile(site.at('backup/2026-11-20/backup_label'), 'utf8');
  expect(site.isArchived(/\(file (\w+)\)/.exec(label)?.[1] ?? '')).toBe(true);
  expect(site.isArchived(last)).toBe(true);
  expect(await site.walq('verify')).toContain('0 gaps');

  const listed = await run(site, 'walq list main | grep backup');
  const newest = /\w{24}\.\w{8}\.backup/g.exec(listed.split('\n').at(-2) ?? '')?.[0] ?? '';
  await site.walq('prune', 'main', '--keep-from', newest, '--grace', '0s');
  expect(site.isArchived(newest.slice(0, 24))).toBe(true);
});

async function archiveOne(site: Site): Promise<string> {
  await site.server.query('insert into marks values (1)');
  const name = await site.server.switchWal();
  await site.untilArchived(name);
  return name;
}

/** Runs a command of the page with this site's paths. */
async function run(site: Site, command: string): Promise<string> {
  const bin = `${import.meta.dirname}/../../apps/cli/bin`;
  const path = `${bin}:${await binariesFolder()}:${process.env['PATH']}`;
  const environment = `PATH='${path}' PGHOST='${site.directory}' WALQ_CONFIG='${site.config}'`;
  const here = command.replaceAll(' /backup/', ` ${site.at('backup/')}`);
  return site.owner.run('sh', ['-c', `export ${environment}; ${here}`]);
}
