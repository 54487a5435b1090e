import { chmod, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@walq/test-support';
import { expect, test } from 'vitest';
import { newSite, walq, type Site } from './site.ts';

interface Checks {
  readonly ok: boolean;
  readonly checks: readonly { readonly state: string; readonly message: string }[];
}

/** Its exit code is in `ok`; what it prints is the same either way. */
const check = async (site: Site, ...args: string[]): Promise<Checks> => {
  const running = await site.start('check', '--json', ...args);
  const { code } = await running.exit;
  const said = JSON.parse(running.stdout) as Checks;
  expect(code).toBe(said.ok ? 0 : 1);
  return said;
};

const messages = ({ checks }: Checks): string =>
  checks.map(({ state, message }) => `${state}: ${message}`).join('\n');

interface Status {
  readonly sources: { readonly main: { readonly server: Record<string, unknown> } };
}

const serverOf = async (site: Site): Promise<Record<string, unknown>> =>
  (JSON.parse(await site.status('--json')) as Status).sources.main.server;

test('check follows a segment of its own into the archive, and says what keeps a server from it', async () => {
  const site = await newSite();
  expect(messages(await check(site))).toMatch(
    /ok: segment 0000000100000000000000\w\w was completed, archived and confirmed in/,
  );
  await site.server.configure('archive_timeout = 60', "archive_command = 'false'");
  await site.server.query('select pg_reload_conf()');
  await eventually(async () => {
    const found = await check(site, '--timeout', '1s');
    expect(found.ok).toBe(false);
    expect(messages(found)).toContain(
      "warning: archive_command does not contain walq wal-push: 'false'",
    );
    expect(messages(found)).toMatch(/failed: segment \w+ was not archived within 1 s/);
  });
  await site.server.configure("archive_command = 'false wal-push %p'");
  await site.server.query('select pg_reload_conf()');
  await eventually(async () => {
    const found = messages(await check(site, '--timeout', '1s'));
    expect(found).toMatch(/failed: segment \w+ was not archived within 1 s/);
    expect(found).not.toContain('archive_timeout');
  });
  await site.server.stop();
  expect(messages(await check(site))).toContain('it is not running');
});

test('check tests a wrapper script by the segment that it archives', async () => {
  const site = await newSite();
  const script = site.at('archive-wal');
  await writeFile(script, `#!/bin/sh\nexec ${site.archiveCommand.replace('%p', '"$1"')}\n`);
  await chmod(script, 0o755);
  await site.server.configure('archive_timeout = 60', `archive_command = '${script} %p'`);
  await site.server.query('select pg_reload_conf()');
  const found = await eventually(async () => {
    const checked = await check(site);
    expect(messages(checked)).toContain(script);
    return checked;
  });
  expect(found.ok).toBe(true);
  expect(messages(found)).toMatch(/ok: segment \w+ was completed, archived and confirmed in/);
  const passive = await check(site, '--no-switch');
  expect(passive.ok).toBe(true);
  expect(messages(passive)).toContain('warning: archive_command does not contain walq wal-push');
});

test('status knows how far the archive is behind the server, and that its archiver fails', async () => {
  const site = await newSite();
  await check(site);
  await eventually(async () =>
    expect(await serverOf(site)).toMatchObject({
      timeline: '00000001',
      isStandby: false,
      behind: { segments: 0 },
      archiver: { failedCount: 0, isFailing: false },
    }),
  );
  await site.server.configure("archive_command = 'false'");
  await site.server.query('select pg_reload_conf()');
  await site.server.query('create table filler as select generate_series(1, 600000) as n');
  const wal = await site.server.switchWal();
  await eventually(async () => {
    const server = await serverOf(site);
    expect(server).toMatchObject({ archiver: { isFailing: true } });
    const behind = server['behind'] as { bytes: number; segments: number };
    expect(behind.segments).toBeGreaterThanOrEqual(2);
    expect(behind.bytes).toBeGreaterThan(32 * 1024 * 1024);
  });
  expect(wal).toMatch(/^00000001/);
  await site.server.stop();
  expect(await serverOf(site)).toMatchObject({ problem: { code: 'server-unreachable' } });
});

test('status does not say that all is archived while a file is in quarantine', async () => {
  const site = await newSite();
  await site.server.configure("archive_command = 'false'");
  await site.server.query('select pg_reload_conf()');
  await damageStart(site, await site.server.switchWal());
  const up = await site.start('up', '--workers', '1');
  await up.waitForLine(/segment quarantined/);
  await site.server.query('create table marks (n int)');
  await site.untilArchived(await site.server.switchWal());
  await eventually(async () =>
    expect(await site.status()).toMatch(/all WAL (?:before that )?is archived except 1 file/),
  );
});

test('status knows the timeline of a server that was promoted just now', async () => {
  const site = await newSite();
  await check(site);
  await site.server.baseBackup(site.at('standby'));
  const standby = await site.other('standby', 5433);
  const config = site.at('standby.toml');
  await writeFile(config, (await readFile(site.config, 'utf8')).replace('"main"', '"standby"'));
  await standby.configure('archive_mode = off', `restore_command = '${site.restoreCommand}'`);
  await standby.signalFile('standby.signal');
  await standby.start();
  // The checkpoint behind the promotion takes its time over so many pages.
  await site.server.query('create table filler as select generate_series(1, 300000) as n');
  await site.untilArchived(await site.server.switchWal());
  const count = () => standby.query('select count(*) from filler');
  await eventually(async () => expect(await count()).toBe('300000'));
  expect(await standby.query('select pg_promote()')).toBe('t');
  await site.owner.run(walq, ['adopt', 'main', '--config', config]);
  const said = await site.owner.run(walq, ['status', '--json', '--config', config]);
  expect((JSON.parse(said) as Status).sources.main.server).toMatchObject({ timeline: '00000002' });
});

async function damageStart(site: Site, name: string): Promise<void> {
  const file = await open(join(site.server.walDirectory, name), 'r+');
  try {
    await file.write(Buffer.alloc(2), 0, 2, 0);
  } finally {
    await file.close();
  }
}
