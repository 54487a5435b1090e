/** A missing segment never ends a recovery silently, and nothing but --allow-gap lets it. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@walq/test-support';
import { expect, test } from 'vitest';
import { failedOver, rowsOf } from './failed-over.ts';
import { recovered, stopped, untilStopped } from './recovering.ts';
import { newSite, walq, type Site } from './site.ts';

const objectOf = (site: Site, name: string): string =>
  join(site.archive, 'main', name.slice(0, 16), `${name}.zst`);

/** What a command printed that may have failed. */
const outputOf = (running: Promise<string>): Promise<string> =>
  running.catch((error: unknown) => (error as { stdout: string }).stdout);

test('what was streamed and never archived stops a recovery, until it is found or licensed', async () => {
  const { site, missing } = await failedOver();
  expect(missing).toHaveLength(4);
  const [first = '', last = ''] = [missing[0], missing.at(-1)];
  const gap = `4 segments are missing, ${first} to ${last}`;

  const target = await stopped(site, 'target', 5434);
  const said = await target.log();
  expect(said).toContain(gap);
  expect(said).toContain('walq wal-fetch --allow-gap');
  expect(said).toContain('exited with exit code 200');

  // On the host of the promoted server, which archives now.
  const run = (...args: string[]) =>
    site.owner.run(walq, [...args, '--config', site.at('standby.toml')]);
  const bounds = /between (?<after>\S+) and (?<before>[0-9A-F]+)/.exec(said)?.groups ?? {};
  const expected = { after: bounds['after'], before: bounds['before'], missing: 4 };
  type Gaps = { readonly gaps: readonly unknown[] };
  const verified = JSON.parse(await outputOf(run('verify', '--json'))) as Gaps;
  expect(verified.gaps).toMatchObject([{ ...expected, acknowledged: null }]);
  type PerSource<T> = { readonly sources: { readonly main: T } };
  const repaired = JSON.parse(await run('repair', '--json')) as PerSource<Gaps>;
  expect(repaired.sources.main.gaps).toMatchObject([expected]);
  const status = JSON.parse(await outputOf(run('status', '--json'))) as PerSource<Gaps>;
  expect(status.sources.main.gaps).toMatchObject([expected]);

  const range = `${bounds['after']}..${bounds['before']}`;
  const words = ['--reason', 'the old primary is gone'];
  await run('repair', 'main', '--acknowledge-gap', range, ...words);
  await untilStopped(target);
  expect(await target.log()).toContain('the old primary is gone');

  const ended = await recovered(
    site,
    'licensed',
    5435,
    `restore_command = '${site.restoreCommand} --allow-gap'`,
  );
  expect(await rowsOf(ended)).toBe('100');
  expect(await ended.log()).toContain(gap);
  await ended.stop();

  for (const name of missing) {
    const to = join(target.walDirectory, name);
    await site.owner.run('cp', [join(site.server.walDirectory, name), to]);
  }
  await target.start();
  await eventually(async () => expect(await target.query('select pg_is_in_recovery()')).toBe('f'));
  expect(await rowsOf(target)).toBe('1000');
});

test('a hole stops a recovery and no standby, which streams past it', async () => {
  const site = await newSite();
  const { server } = site;
  await server.query('create table marks (n int)');
  await server.configure('wal_keep_size = 1GB');
  await server.query('select pg_reload_conf()');
  await server.baseBackup(site.at('backup'));
  const names: string[] = [];
  for (let count = 0; count < 4; count += 1) {
    await server.query('insert into marks select generate_series(1, 100)');
    names.push(await server.switchWal());
    await site.untilArchived(names.at(-1) ?? '');
  }
  const hole = names[1] ?? '';
  await rm(objectOf(site, hole));

  const target = await stopped(site, 'target', 5433);
  expect(await target.log()).toContain(`${hole} is missing between ${names[0]} and ${names[2]}`);

  await site.owner.run('cp', ['--archive', site.at('backup'), site.at('standby')]);
  const standby = await site.other('standby', 5435);
  await standby.configure(
    'archive_mode = off',
    `restore_command = '${site.restoreCommand}'`,
    `primary_conninfo = 'host=${site.directory} port=5432'`,
  );
  await standby.signalFile('standby.signal');
  await standby.start();
  await eventually(async () => expect(await rowsOf(standby)).toBe('400'));
  const said = await standby.log();
  expect(said).toContain(`${hole} is missing between`);
  expect(said).not.toMatch(/FATAL|PANIC/);
});

test('a restore_command with its arguments exchanged stops a recovery, which continues once it is corrected', async () => {
  const site = await newSite();
  const { server } = site;
  await server.query('create table marks (n int)');
  await server.baseBackup(site.at('backup'));
  for (let count = 0; count < 3; count += 1) {
    await server.query('insert into marks select generate_series(1, 100)');
    await site.untilArchived(await server.switchWal());
  }
  const exchanged = site.restoreCommand.replace('%f "%p"', '"%p" %f');
  const target = await stopped(site, 'target', 5433, `restore_command = '${exchanged}'`);
  expect(await target.log()).toContain('the arguments are swapped');
  await target.configure(`restore_command = '${site.restoreCommand}'`);
  await target.start();
  await eventually(async () => expect(await target.query('select pg_is_in_recovery()')).toBe('f'));
  expect(await rowsOf(target)).toBe('300');
});

test('what this user may not read in the archive is not absent', async () => {
  const site = await newSite();
  const name = await site.server.switchWal();
  await site.untilArchived(name);
  const fetch = (path: string) =>
    site.owner
      .run(walq, ['wal-fetch', name, site.at('X'), '--archive', path, '--timeout', '1s'])
      .catch((error: unknown) => error);
  for (const hidden of ['archive/main/' + name.slice(0, 16), 'archive/main', 'archive']) {
    await site.owner.run('chmod', ['000', site.at(hidden)]);
    expect(await fetch(site.archive)).toMatchObject({ code: 200 });
    await site.owner.run('chmod', ['755', site.at(hidden)]);
  }
});

test('a command that cannot start a process is no end of the archive', async () => {
  const site = await newSite();
  const args = ['--nproc=1:1', walq, 'wal-fetch', '000000010000000000000001', 'X'];
  const failure = await site.owner.run('prlimit', args).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 200, stderr: expect.stringContaining('fork') as string });
});
