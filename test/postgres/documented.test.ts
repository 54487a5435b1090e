import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { eventually, startRedis, temporaryDirectory } from '@walq/test-support';
import { expect, test } from 'vitest';
import { masked } from '../docs/blocks.ts';
import { blocksOf, commandsOf, outputsOf, sectionOf, textOf } from './documented-commands.ts';
import { binariesFolder, ownerOf } from './owner.ts';
import { PostgresServer } from './postgres-server.ts';
import { recovered } from './recovering.ts';
import { newSite, walq } from './site.ts';

test('the ten commands of the tutorial restore the rows of the chosen moment', async () => {
  const page = await textOf('postgresql/tutorial.md');
  const place = await newPlace();
  const [configuration = ''] = blocksOf(page, 'toml');
  await writeFile(place.config, place.here(configuration));
  const commands = commandsOf(page);
  expect(commands).toHaveLength(10);
  const outputs = outputsOf(page);
  for (const [index, command] of commands.slice(0, -1).entries()) {
    const printed = masked(await place.run(command));
    if (!command.startsWith('walq ')) continue;
    for (const line of outputs[index] ?? []) expect(printed).toContain(masked(place.here(line)));
  }
  const ask = commands.at(-1) ?? '';
  const said = () => place.run(ask).catch(() => 'the table is not there yet');
  await eventually(async () => expect(await said()).toMatch(/^ f +\| +1000$/m));
  expect(await place.server.query("select to_regclass('orders') is null")).toBe('t');
});

/** A server without an archive, with the page's paths replaced by local ones. */
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
    ['/etc/walq/walq.toml', at('walq.toml')],
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

test('PostgreSQL continues after a damaged segment, fixed or abandoned as the page says', async () => {
  const section = await sectionOf('postgresql/failures.md', 'One bad segment');
  const [release = ''] = blocksOf(section, 'sh');
  const [giveUp = ''] = blocksOf(section, 'ini');
  const EXAMPLE = '00000001000000000000000C';
  const redis = await startRedis();
  const site = await newSite({ redisUrl: redis.url });
  const { server } = site;
  const setCommand = async (setting: string): Promise<void> => {
    await server.configure(setting);
    await server.query('select pg_reload_conf()');
  };
  const untilWaiting = async (name: string): Promise<void> => {
    await setCommand(`archive_command = '${site.archiveCommand}'`);
    await eventually(async () => expect(await site.status()).toContain(`waits for ${name}`));
  };
  await server.query('create table marks (n int)');

  await setCommand("archive_command = 'false'");
  const fixed = await server.switchWal();
  const path = `${server.dataDirectory}/pg_wal/${fixed}`;
  const whole = await readFile(path);
  await writeFile(path, Buffer.concat([Buffer.alloc(8), whole.subarray(8)]));
  await untilWaiting(fixed);
  const roles = [await site.startRole('producer'), await site.startRole('worker')];
  await eventually(async () => expect(await site.status()).toContain(`quarantined: ${fixed}`));
  for (const role of roles) await role.kill('SIGTERM');
  await writeFile(path, whole);
  const args = release.replace(EXAMPLE, fixed).trim().split(' ').slice(1);
  expect(await site.walq(...args)).toContain(fixed);
  await server.query('select pg_reload_conf()');
  await site.untilArchived(fixed);

  await setCommand("archive_command = 'false'");
  await server.query('insert into marks values (1)');
  const lost = await server.switchWal();
  await writeFile(`${server.dataDirectory}/pg_wal/${lost}`, Buffer.alloc(whole.length));
  await untilWaiting(lost);
  await setCommand(giveUp.replace(EXAMPLE, lost).replace('walq wal-push %p', site.archiveCommand));
  await server.query('insert into marks values (2)');
  await site.untilArchived(await server.switchWal());
  expect(site.isArchived(lost)).toBe(false);
});

test('zstd and sh alone recover a server, and never take a missing archive for its end', async () => {
  const section = await sectionOf('postgresql/operate.md', 'Recover without walq');
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
