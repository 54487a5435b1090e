import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@walq/test-support';
import { expect, test } from 'vitest';
import { newSite, walq, type Site } from './site.ts';

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
  expect(site.isArchived(backup?.replace(/backup$/, 'empty.backup') ?? '')).toBe(true);
  const back = site.at('fetched');
  const archive = ['--archive', site.archive, '--source', 'main', '--ahead', '0'];
  await site.walq('wal-fetch', backup ?? '', back, ...archive);
  expect(await readFile(back)).toHaveLength(0);
});

/** Another server's file in pg_wal, which PostgreSQL's archiver is to take next. */
async function asksFor(site: Site, name: string, text: string): Promise<void> {
  const path = join(site.server.walDirectory, name);
  const ready = join(site.server.walDirectory, 'archive_status', `${name}.ready`);
  await writeFile(path, text);
  await writeFile(ready, '');
  await site.owner.own(path);
  await site.owner.own(ready);
  await site.server.query('select pg_reload_conf()');
}

test('an empty history never blocks the full one, and two promotions to one timeline are named', async () => {
  const site = await newSite();
  const first = '1\t0/3000000\tno recovery target specified\n';
  const [second, third] = ['00000002.history', '00000003.history'];
  for (const order of [
    [second, ['', first]],
    [third, [first, '']],
  ] as const) {
    const [name, texts] = order;
    for (const text of texts) {
      await asksFor(site, name, text);
      // Its own status file turns to .done, whatever was archived last.
      await eventually(async () =>
        expect(await readdir(join(site.server.walDirectory, 'archive_status'))).toContain(
          `${name}.done`,
        ),
      );
      await rm(join(site.server.walDirectory, 'archive_status', `${name}.done`));
    }
    const back = site.at('fetched');
    const archive = ['--archive', site.archive, '--source', 'main', '--ahead', '0'];
    await site.walq('wal-fetch', name, back, ...archive);
    expect(await readFile(back, 'utf8')).toBe(first);
  }

  await asksFor(site, third, '2\t0/5000000\tno recovery target specified\n');
  await eventually(async () => {
    const status = await site.status();
    expect(status).toMatch(/critical .*waits for 00000003\.history, tried .*duplicate/);
    expect(status).toContain('Two servers were promoted to timeline 00000003');
    expect(await site.server.log()).toContain('Two servers were promoted to timeline 00000003');
  });
  // Decided: the archived one stays.
  await asksFor(site, third, first);
  await eventually(async () => expect(await site.status()).not.toContain('waits for'));
});

test('two servers promoted from one segment archive both .partial files, and continue', async () => {
  const site = await newSite();
  const { server } = site;
  await server.query('create table marks (n int)');
  await server.baseBackup(site.at('backup'));
  await server.query('insert into marks select generate_series(1, 100)');
  // The last segment, which no server ever completed, as each of the two had received it.
  const unfinished = await server.query('select pg_walfile_name(pg_current_wal_lsn())');
  const received = async (name: string): Promise<void> => {
    await server.query('insert into marks select generate_series(1, 100)');
    await site.owner.run('cp', ['--archive', site.at('backup'), site.at(name)]);
    const to = join(site.at(name), 'pg_wal', unfinished);
    await site.owner.run('cp', [join(server.walDirectory, unfinished), to]);
  };
  await received('first');
  await received('second');
  await server.stop('immediate');

  for (const [index, name] of ['first', 'second'].entries()) {
    const promoted = await site.other(name, 5434 + index);
    const config = site.at(`${name}.toml`);
    const text = await readFile(site.config, 'utf8');
    await writeFile(config, text.replace('path = "main"', `path = "${name}"`));
    await site.owner.run(walq, ['adopt', 'main', '--config', config]);
    await promoted.configure(
      `archive_command = '${walq} wal-push %p --config ${config}'`,
      `restore_command = '${site.restoreCommand}'`,
      // Each goes its own way from what it has; the second finds the first one's timeline taken.
      "recovery_target_timeline = 'current'",
    );
    await promoted.signalFile('standby.signal');
    await promoted.start();
    await eventually(async () =>
      expect(await promoted.query('select count(*) from marks')).toBe(String(100 * (index + 2))),
    );
    await promoted.query('select pg_promote()');
    await promoted.query('insert into marks values (1)');
    const last = await promoted.switchWal();
    await site.untilArchived(last);
    await promoted.stop();
  }

  const listed = await site.walq('list', 'main', '--json');
  const partials = [...listed.matchAll(/"segment":\s*"([0-9A-F]{24}\.[^"]*partial)"/g)];
  expect(partials.map(([, name]) => name)).toEqual([
    expect.stringMatching(new RegExp(`^${unfinished}\\.[0-9a-f]{16}\\.partial$`)),
    `${unfinished}.partial`,
  ]);
  const verified = JSON.parse(await site.walq('verify', '--deep', '--json')) as object;
  expect(verified).toMatchObject({ ok: true, corrupt: [] });
});
