import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { eventually, temporaryDirectory } from '@walq/test-support';
import { expect, test } from 'vitest';
import { blocksOf, commandsOf, sectionOf } from './documented-commands.ts';
import { binariesFolder, ownerOf } from './owner.ts';
import { PostgresServer } from './postgres-server.ts';
import { recovered } from './recovering.ts';
import { newSite, walq } from './site.ts';

const PAGE = 'postgresql.md';

test('the ten commands of the page give back the rows of the moment', async () => {
  const section = await sectionOf(PAGE, 'From a running server to a proven recovery');
  const place = await newPlace();
  const [configuration = ''] = blocksOf(section, 'toml');
  await writeFile(place.config, place.here(configuration));
  const commands = commandsOf(section);
  expect(commands).toHaveLength(10);
  for (const command of commands.slice(0, -1)) await place.run(command);
  const ask = commands.at(-1) ?? '';
  const said = () => place.run(ask).catch(() => 'the table is not there yet');
  await eventually(async () => expect(await said()).toMatch(/^ f +\| +1000$/m));
  expect(await place.server.query("select to_regclass('orders') is null")).toBe('t');
});

/** A server without an archive, and the page's paths as they are here. */
async function newPlace() {
  const { path: directory, at } = await temporaryDirectory('documented');
  const owner = await ownerOf(directory);
  const server = await PostgresServer.init({ owner, directory, name: 'main' });
  await server.start();
  // Where the last commands put a server of their own; it is ended with the test.
  await PostgresServer.at({ owner, directory, name: 'proof' }, 5433);
  for (const folder of ['bin', 'etc']) await mkdir(at(folder));
  await symlink(walq, at('bin/walq'));
  await copyFile(`${server.dataDirectory}/pg_hba.conf`, at('etc/pg_hba.conf'));
  await owner.own(at('etc/pg_hba.conf'));
  const binaries = await binariesFolder();
  const restart = `pg_ctl restart --pgdata ${server.dataDirectory} --log ${at('main.log')}`;
  const places = [
    ['systemctl restart postgresql@15-main', restart],
    ['-o postgres -g postgres ', ''],
    ['/etc/postgresql/15/main', at('etc')],
    ['/var/lib/postgresql/15', directory],
    ['/usr/lib/postgresql/15/bin', binaries],
    ['/srv/wal-archive', at('wal-archive')],
  ] as const;
  const here = (text: string): string =>
    places.reduce((changed, [there, own]) => changed.replaceAll(there, own), text);
  const config = at('walq.toml');
  const environment = [
    `PATH='${at('bin')}:${binaries}:${process.env['PATH']}'`,
    `WALQ_CONFIG='${config}'`,
    `PGHOST='${directory}'`,
  ].join(' ');
  const run = (command: string) =>
    owner.run('sh', ['-c', `export ${environment}; ${here(command)}`]);
  return { server, config, here, run };
}

test('zstd and sh alone recover a server, and never take a missing archive for its end', async () => {
  const section = await sectionOf(PAGE, 'Without walq');
  const [line = ''] = blocksOf(section, 'ini');
  const site = await newSite();
  const { server } = site;
  await server.query('create table marks (n int)');
  await server.baseBackup(site.at('backup'));
  await server.query('insert into marks select generate_series(1, 100)');
  await site.untilArchived(await server.switchWal());
  await server.stop();
  const again = await recovered(
    site,
    'again',
    5433,
    line.replace('/srv/wal-archive', site.archive),
  );
  expect(await again.query('select count(*) from marks')).toBe('100');
  const elsewhere = line.replace('/srv/wal-archive', site.at('nowhere'));
  await expect(recovered(site, 'never', 5434, elsewhere)).rejects.toThrow('could not start server');
  expect(await readFile(site.at('never.log'), 'utf8')).toContain('exited with exit code 200');
});
