/** A user other than the server's creates nothing next to its data directory, and the message names the command to run. */
import { execFile } from 'node:child_process';
import { chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startRedis, temporaryDirectory } from '@walq/test-support';
import { expect, test } from 'vitest';
import { newSite, walq, type Site } from './site.ts';

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;

interface Failed {
  readonly code: number;
  readonly stderr: string;
}

/** Of what this process runs as root. */
async function failure(cwd: string, ...args: readonly string[]): Promise<Failed> {
  try {
    await run(walq, args, { cwd, env: { ...process.env, WALQ_NODE: process.execPath } });
  } catch (error) {
    return error as Failed;
  }
  throw new Error(`walq ${args.join(' ')} ended with 0`);
}

/** Owners of all that is there, the site's directory itself left out. */
async function ownersIn(site: Site): Promise<Set<number>> {
  const names = await readdir(site.directory, { recursive: true });
  const states = await Promise.all(names.map((name) => stat(site.at(name)).catch(() => undefined)));
  return new Set(states.flatMap((state) => (state === undefined ? [] : [state.uid])));
}

test.skipIf(!isRoot)(
  'root is refused by every command that writes, and leaves nothing',
  async () => {
    const redis = await startRedis();
    const site = await newSite({ redisUrl: redis.url });
    const { server } = site;
    await server.query('create table marks (n int)');
    await site.untilArchived(await server.switchWal());
    const last = await server.switchWal();
    const commands = [
      ['wal-push', `pg_wal/${last}`],
      ['worker', '--until-empty'],
      ['producer'],
      ['up'],
      ['adopt', 'main'],
      ['repair', 'main', '--release-all'],
      ['repair', 'main', '--rearchive'],
      ['repair', 'main', '--acknowledge-gap', `${last}..${last}`, '--reason', 'lost'],
      ['restore', 'main', '--to', join(server.dataDirectory, 'pg_wal')],
      ['restore', 'main', '--to', join(server.dataDirectory, 'restored')],
      ['train', 'main'],
      ['prune', 'main', '--keep-from', last],
    ];
    const owners = await ownersIn(site);
    for (const args of commands) {
      const { code, stderr } = await failure(
        server.dataDirectory,
        ...args,
        '--config',
        site.config,
      );
      expect({ args, code }).toEqual({ args, code: 1 });
      expect(stderr).toContain(`sudo -u postgres walq ${args.join(' ')}`);
    }
    const checked = await run(walq, ['check', '--no-switch', '--config', site.config]).catch(
      (error: unknown) => error as { stdout: string },
    );
    expect(checked.stdout).toContain('sudo -u postgres');
    // What only fetches a file may, and leaves nothing else; into a directory of the server it would be root's file.
    const { at } = await temporaryDirectory('of-root');
    const fetching = ['wal-fetch', last, at('fetched')];
    await run(walq, [...fetching, '--config', site.config], { cwd: server.dataDirectory });
    const into = ['wal-fetch', last, `pg_wal/${last}x`, '--config', site.config];
    const { code, stderr } = await failure(server.dataDirectory, ...into);
    expect(code).toBe(200);
    expect(stderr).toContain(`sudo -u postgres walq wal-fetch ${last}`);
    expect(await ownersIn(site)).toEqual(owners);

    await site.untilArchived(await server.switchWal());
  },
);

test.skipIf(!isRoot)('files that root left are found by walq check, with the way out', async () => {
  const site = await newSite();
  await site.untilArchived(await site.server.switchWal());
  await mkdir(site.at('main.walq/in-work/left'), { recursive: true });
  const { stdout } = await site
    .walq('check', '--no-switch')
    .then(() => ({ stdout: '' }))
    .catch((error: unknown) => error as { stdout: string });
  expect(stdout).toContain(`sudo chown -R postgres ${site.at('main.walq')}`);
});

test.skipIf(!isRoot)('root is refused at a source of another engine too', async () => {
  const { path, at } = await temporaryDirectory('engine');
  await mkdir(at('wal'));
  for (const n of [1, 2]) await writeFile(at(`wal/wal-${n}.bin`), 'records');
  await chown(at('wal'), 12_345, 12_345);
  const { code, stderr } = await failure(path, 'archive', 'wal', '--to', 'archive');
  expect(code).toBe(1);
  expect(stderr).toContain("sudo -u '#12345' walq archive wal --to archive");
  expect(await readdir(join(path, 'wal'))).toHaveLength(2);
});

test.skipIf(!isRoot)('what root finds corrupt locks nobody out of the archive', async () => {
  const site = await newSite();
  const last = await site.server.switchWal();
  await site.untilArchived(last);
  const owners = await ownersIn(site);
  const object = join(site.archive, 'main', last.slice(0, 16), `${last}.zst`);
  const sound = await readFile(object);
  const bytes = Buffer.from(sound);
  bytes[40] = (bytes[40] ?? 0) ^ 0xff;
  await writeFile(object, bytes);
  const { code, stderr } = await failure(
    site.directory,
    'verify',
    '--deep',
    '--config',
    site.config,
  );
  expect(code).toBe(1);
  expect(stderr).toContain('sudo -u postgres walq verify --deep');
  expect(await ownersIn(site)).toEqual(owners);
  // The server's user finds it as well, records it for everybody, and notices when it is sound again.
  const stdout = expect.stringContaining('1 corrupt') as string;
  await expect(site.walq('verify', '--deep')).rejects.toMatchObject({ code: 1, stdout });
  await expect(site.walq('verify')).rejects.toMatchObject({ code: 1, stdout });
  await writeFile(object, sound);
  await site.walq('verify', '--deep');
});
