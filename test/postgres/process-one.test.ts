/** PostgreSQL as process 1, as in a container without an init: it adopts whatever is left behind in there. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, startProcess } from '@walq/test-support';
import { expect, test } from 'vitest';
import { binariesFolder } from './owner.ts';
import { newSite } from './site.ts';

/** Command lines of the processes that belong to an archive, which every one of them names. */
async function processesOf(archive: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''));
  return (await Promise.all(lines)).filter((line) => line.includes(archive));
}

test('leaves nobody behind whom a server as process 1 would adopt', async () => {
  const site = await newSite();
  const { server } = site;
  await server.query('create table marks (n int)');
  await server.baseBackup(site.at('standby'));
  for (let count = 0; count < 4; count += 1) {
    await server.query('insert into marks select generate_series(1, 10)');
    await site.untilArchived(await server.switchWal());
  }
  await server.stop();
  const standby = await site.other('standby', 5433);
  await standby.configure('archive_mode = off', `restore_command = '${site.restoreCommand}'`);
  await standby.signalFile('standby.signal');

  const isRoot = process.getuid?.() === 0;
  const postgres = [join(await binariesFolder(), 'postgres'), '-D', standby.dataDirectory];
  const alone = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];
  const ids = ['--reuid=postgres', '--regid=postgres', '--clear-groups'];
  const [first = '', ...rest] = isRoot
    ? [...alone, 'setpriv', ...ids, ...postgres]
    : ['unshare', '--map-current-user', ...alone.slice(1), ...postgres];
  const running = await startProcess(first, rest, {
    cwd: site.directory,
    env: { WALQ_NODE: process.execPath, HOME: site.directory },
  });
  const rows = 'select count(*) from marks';
  await eventually(async () => expect(await standby.query(rows)).toBe('40'));
  expect(await readFile(join(standby.dataDirectory, 'postmaster.pid'), 'utf8')).toMatch(/^1\n/);
  // A restore_command that is running ends.
  await eventually(async () => {
    const left = await processesOf(site.archive);
    expect(left.filter((line) => line.includes('wal-fetch'))).toEqual([]);
  });
  expect(await readdir(`${standby.dataDirectory}.walq`).catch(() => [])).toEqual([]);
  expect(running.stderr).toContain('restored log file');
  expect(running.stderr).not.toContain('terminating any other active server processes');
  const { pid } = running;
  const [processOne = ''] = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(
    ' ',
  );
  process.kill(Number(processOne), 'SIGINT');
  await running.exit;
});
