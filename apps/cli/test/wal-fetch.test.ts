import { existsSync, renameSync } from 'node:fs';
import { mkdir, open, readFile, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClusterFiles, eventually, startProcess } from '@walq/test-support';
import { expect, onTestFinished, test } from 'vitest';
import { newPostgresScene, type PostgresScene } from './postgres-scene.ts';
import { bin } from './walq.ts';

const nameOf = (number: number): string => `00000001000000000000000${number}`;
/** Above 125, because the front passes on nothing else. */
/** Passed on as it is, unlike most codes. */
const NODE_ANSWERED = 143;

interface RestoreScene extends PostgresScene {
  readonly archive: string;
  /** Runs `wal-fetch` of one segment, to where PostgreSQL wants it. */
  fetch(name: string, ...more: string[]): ReturnType<PostgresScene['call']>;
}

/** Four archived segments, and another data directory that restores from the archive alone. */
async function restoring(): Promise<RestoreScene> {
  const origin = await newPostgresScene();
  for (const number of [4, 3, 2, 1]) await origin.cluster.ready(nameOf(number));
  await origin.cluster.ready('00000002.history', '1\t0/200000\tbecause\n');
  for (const name of [nameOf(1), nameOf(2), nameOf(3), nameOf(4), '00000002.history']) {
    expect((await origin.push(name)).code).toBe(0);
  }
  const archive = origin.at('archive');
  const target = await newPostgresScene();
  const fetch = (name: string, ...more: string[]) =>
    target.call(['wal-fetch', name, 'pg_wal/RECOVERYXLOG', '--archive', archive, ...more]);
  return { ...target, archive, fetch };
}

const restored = ({ cluster }: PostgresScene): Promise<Buffer> =>
  readFile(cluster.walPath('RECOVERYXLOG'));

test('a segment and a history come back as they were', async () => {
  const scene = await restoring();
  expect(await scene.fetch(nameOf(2), '--ahead', '0')).toMatchObject({
    code: 0,
    stdout: '',
    stderr: '',
  });
  const origin = new ClusterFiles('anywhere');
  expect((await restored(scene)).equals(origin.segment(nameOf(2)))).toBe(true);
  expect((await scene.fetch('00000002.history')).code).toBe(0);
  expect((await restored(scene)).toString()).toBe('1\t0/200000\tbecause\n');
  expect(existsSync(scene.at('main.walq'))).toBe(false);
});

test('an empty WALQ_STATE counts as none: nothing of walq comes into the data directory', async () => {
  const scene = await restoring();
  const names = () => readdir(scene.cluster.dataDirectory);
  const before = await names();
  const args = ['wal-fetch', nameOf(2), 'pg_wal/RECOVERYXLOG', '--archive', scene.archive];
  expect((await scene.call(args, { WALQ_STATE: '' })).code).toBe(0);
  await fetchedDirectory(scene);
  expect(await names()).toEqual(before);
});

test('1 says that the archive was asked and has no such file', async () => {
  const scene = await restoring();
  for (const name of [nameOf(9), '00000003.history', `${nameOf(9)}.00000028.backup`]) {
    expect(await scene.fetch(name)).toMatchObject({ code: 1, stdout: '', stderr: '' });
  }
  expect(existsSync(scene.cluster.walPath('RECOVERYXLOG'))).toBe(false);
});

test('a name that is no WAL name ends recovery with 200, and exchanged arguments are named', async () => {
  const scene = await restoring();
  const run = (...args: string[]) => scene.call([...args, '--archive', scene.archive]);
  const exchanged = await run('wal-fetch', 'pg_wal/RECOVERYXLOG', nameOf(1));
  expect(exchanged.stderr).toContain('the arguments are exchanged');
  expect(exchanged.stderr).toContain(`hint: Set restore_command = 'walq wal-fetch %f "%p"'`);
  expect(exchanged.code).toBe(200);
  for (const name of ['%f', 'backup_label', `${nameOf(1)}.zst`, nameOf(1).slice(1)]) {
    const odd = await run('wal-fetch', name, 'pg_wal/RECOVERYXLOG');
    expect(odd.stderr).toContain(`'${name}' is not the name of a WAL file`);
    expect(odd.code).toBe(200);
  }
});

test.each([
  [['wal-fech', nameOf(1), 'pg_wal/RECOVERYXLOG']],
  [[nameOf(1), 'pg_wal/RECOVERYXLOG']],
  [['restore', '00000002.history', 'pg_wal/RECOVERYHISTORY']],
  [['wal-push', nameOf(1), 'pg_wal/RECOVERYXLOG']],
  [['wal-fetch', nameOf(1)]],
  [['wal-fetch', nameOf(1), 'pg_wal/RECOVERYXLOG', 'more']],
])('a mistaken restore_command does not end recovery: walq %j', async (args) => {
  const scene = await newPostgresScene();
  const result = await scene.call([...args, '--config', scene.config]);
  expect(result.stderr).toContain('hint:');
  expect(result.code).toBe(200);
});

/** As `restoring`, without segment 3. */
async function withGap(): Promise<RestoreScene> {
  const scene = await restoring();
  await rm(join(scene.archive, 'main/0000000100000000', `${nameOf(3)}.zst`));
  return scene;
}

test('a gap ends recovery with 200 and its name; only --allow-gap lets it end there', async () => {
  const scene = await withGap();
  const gap = await scene.fetch(nameOf(3), '--timeout', '1s');
  expect(gap.stderr).toContain(`${nameOf(3)} is missing between ${nameOf(2)} and ${nameOf(4)}`);
  expect(gap.stderr).toContain('walq wal-fetch --allow-gap');
  expect(gap.code).toBe(200);
  expect(await scene.fetch(nameOf(3), '--timeout', '1s', '--allow-gap')).toMatchObject({
    code: 1,
    stderr: gap.stderr,
  });
  await writeFile(scene.cluster.walPath(nameOf(3)), scene.cluster.segment(nameOf(3)));
  expect(await scene.fetch(nameOf(3))).toMatchObject({ code: 1, stderr: '' });
});

test('a standby is told at once of a gap, and goes on elsewhere', async () => {
  const scene = await withGap();
  await writeFile(join(scene.cluster.dataDirectory, 'standby.signal'), '');
  const gap = await scene.fetch(nameOf(3), '--timeout', '60s');
  expect(gap.stderr).toContain(`${nameOf(3)} is missing between ${nameOf(2)} and ${nameOf(4)}`);
  expect(gap.code).toBe(1);
});

test('look-ahead answers nothing of a gap', async () => {
  const scene = await withGap();
  expect((await scene.fetch(nameOf(1))).code).toBe(0);
  const directory = await fetchedDirectory(scene);
  await eventually(async () => expect(await readdir(directory)).toContain(nameOf(2)));
  expect((await scene.fetch(nameOf(2))).code).toBe(0);
  expect((await scene.fetch(nameOf(3), '--timeout', '1s')).code).toBe(200);
});

test.each<[string, (scene: RestoreScene) => Promise<readonly string[]>]>([
  [
    'an archive that is away',
    async ({ archive }) => {
      await rename(archive, `${archive}-away`);
      return ['--timeout', '1s'];
    },
  ],
  [
    'an archive that is not mounted',
    async ({ archive }) => {
      await unmount(archive);
      return ['--timeout', '1s'];
    },
  ],
  ['a source that the archive does not know', async () => ['--source', 'other']],
  [
    'a damaged object',
    async ({ archive }) => {
      await damage(join(archive, 'main/0000000100000000', `${nameOf(2)}.zst`));
      return [];
    },
  ],
  ['a wrong option', async () => ['--no-such-option']],
  ['a configuration that is not there', async () => ['--config', '/no/such/file', '--archive']],
])('%s ends recovery instead of promoting the server', async (_, prepare) => {
  const scene = await restoring();
  const result = await scene.fetch(nameOf(2), ...(await prepare(scene)));
  expect(result.stderr).toContain('hint:');
  expect(result.code).toBe(200);
  expect(existsSync(scene.cluster.walPath('RECOVERYXLOG'))).toBe(false);
});

test('a standby asks again for what may heal, and stops for what cannot', async () => {
  const scene = await restoring();
  await writeFile(join(scene.cluster.dataDirectory, 'standby.signal'), '');
  await rename(scene.archive, `${scene.archive}-away`);
  const away = await scene.fetch(nameOf(2), '--source', 'main', '--timeout', '1s');
  expect(away.code).toBe(1);
  expect(away.stderr).toContain('Check that the archive is mounted');
  await rename(`${scene.archive}-away`, scene.archive);
  await damage(join(scene.archive, 'main/0000000100000000', `${nameOf(2)}.zst`));
  expect((await scene.fetch(nameOf(2), '--timeout', '10s')).code).toBe(200);
});

test('a standby asks again while the archive is not mounted', async () => {
  const scene = await restoring();
  await writeFile(join(scene.cluster.dataDirectory, 'standby.signal'), '');
  await unmount(scene.archive);
  for (const more of [['--source', 'main'], []]) {
    const away = await scene.fetch(nameOf(2), ...more);
    expect(away.stderr).toContain('is mounted');
    expect(away.code).toBe(1);
  }
});

test('an archive that comes back in time is as good as one that was never away', async () => {
  const scene = await restoring();
  await rename(scene.archive, `${scene.archive}-away`);
  const fetching = scene.fetch(nameOf(2), '--timeout', '30s', '--ahead', '0');
  // Nothing outside tells that it has asked once: a moment after it started it has.
  setTimeout(() => renameSync(`${scene.archive}-away`, scene.archive), 2_000);
  expect(await fetching).toMatchObject({ code: 0, stderr: '' });
});

test.each([
  [[], 1],
  [['--debug'], 9],
  [[], 13],
])('what Node ends with by itself is no absence: %j %i', async (first, code) => {
  const scene = await newPostgresScene();
  const args = [...first, 'wal-fetch', nameOf(1), 'pg_wal/RECOVERYXLOG'];
  expect((await scene.callWithoutNode(args, code)).code).toBe(200);
});

test('no Node at all is no absence, wherever the options stand', async () => {
  const scene = await newPostgresScene();
  const args = ['--config', scene.config, 'wal-fetch', nameOf(1), 'pg_wal/RECOVERYXLOG'];
  expect((await scene.call(args, { WALQ_NODE: 'no-such-node' })).code).toBe(200);
});

test('what follows is handed over without Node, whole', async () => {
  const scene = await restoring();
  const args = (number: number) => [
    'wal-fetch',
    nameOf(number),
    'pg_wal/RECOVERYXLOG',
    '--archive',
    scene.archive,
  ];
  expect((await scene.call(args(1))).code).toBe(0);
  const directory = await fetchedDirectory(scene);
  await eventually(async () =>
    expect((await readdir(directory)).filter((name) => /^[0-9A-F]{24}$/.test(name))).toHaveLength(
      3,
    ),
  );
  expect(await scene.callWithoutNode(args(2))).toMatchObject({ code: 0, stderr: '' });
  expect((await restored(scene)).equals(scene.cluster.segment(nameOf(2)))).toBe(true);
  expect((await scene.callWithoutNode(args(2), NODE_ANSWERED)).code).toBe(NODE_ANSWERED);
  expect((await scene.callWithoutNode([...args(3), '--timeout', '9s'], NODE_ANSWERED)).code).toBe(
    NODE_ANSWERED,
  );
  expect((await scene.callWithoutNode(args(3))).code).toBe(0);
});

test('who was just asked to fetch ahead is waited for without Node, and nobody else', async () => {
  const scene = await restoring();
  const args = ['wal-fetch', nameOf(2), 'pg_wal/RECOVERYXLOG', '--archive', scene.archive];
  expect((await scene.fetch(nameOf(1))).code).toBe(0);
  const directory = await fetchedDirectory(scene);
  await endFetchingAhead(scene.archive);
  const asked = (secondsAgo: number) => {
    const at = Date.now() / 1000 - secondsAgo;
    return utimes(join(directory, 'wanted'), at, at);
  };
  await asked(60);
  expect((await scene.callWithoutNode(args, NODE_ANSWERED)).code).toBe(NODE_ANSWERED);
  // In the future, so that a slow machine has no less time.
  await asked(-5);
  const fetched = scene.callWithoutNode(args, NODE_ANSWERED);
  await writeFile(join(directory, 'boot'), await readFile('/proc/sys/kernel/random/boot_id'));
  await writeFile(join(directory, nameOf(2)), scene.cluster.segment(nameOf(2)));
  expect((await fetched).code).toBe(0);
});

test('what was fetched ahead for one server is not handed to another that shares WALQ_STATE', async () => {
  const scene = await restoring();
  const shared = { WALQ_STATE: scene.at('shared') };
  const args = (number: number) => [
    'wal-fetch',
    nameOf(number),
    'pg_wal/RECOVERYXLOG',
    '--archive',
    scene.archive,
  ];
  expect((await scene.call(args(1), shared)).code).toBe(0);
  onTestFinished(() => endFetchingAhead(scene.archive));
  const [key = ''] = await readdir(scene.at('shared/fetched'));
  const lies = scene.at(`shared/fetched/${key}/${nameOf(2)}`);
  await eventually(() => expect(existsSync(lies)).toBe(true));
  const other = await newPostgresScene();
  const withoutNode = { ...shared, WALQ_NODE: 'no-such-node' };
  expect((await other.call(args(2), withoutNode)).code).toBe(200);
  expect((await scene.call(args(2), withoutNode)).code).toBe(0);
});

test('it fetches ahead also for a call whose options stand first', async () => {
  const scene = await restoring();
  const fetch = ['wal-fetch', nameOf(1), 'pg_wal/RECOVERYXLOG', '--archive', scene.archive];
  expect((await scene.call(['--debug', ...fetch])).code).toBe(0);
  const directory = await fetchedDirectory(scene);
  await eventually(async () => expect(await readdir(directory)).toContain(nameOf(4)));
});

/** Also ends the process that fetches ahead, when the test does. */
async function fetchedDirectory(scene: RestoreScene): Promise<string> {
  const parent = scene.at('main.walq/fetched');
  const [key = ''] = await readdir(parent);
  onTestFinished(() => endFetchingAhead(scene.archive));
  return join(parent, key);
}

/** It was left behind on purpose, so nobody but its command line knows it. */
async function endFetchingAhead(archive: string): Promise<void> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!command.includes('wal-fetch-ahead') || !command.includes(archive)) continue;
    process.kill(Number(pid), 'SIGTERM');
    await eventually(() => expect(existsSync(`/proc/${pid}`)).toBe(false));
  }
}

/** What is left of an archive is the place where it was mounted. */
async function unmount(archive: string): Promise<void> {
  await rename(archive, `${archive}-away`);
  await mkdir(archive);
}

async function damage(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(Buffer.from('damaged'), 0, 7, 60);
  await file.close();
}

test('a process that was killed stops a recovery, and a standby asks again', async () => {
  const { cluster, callWithoutNode } = await newPostgresScene();
  const killed = () => callWithoutNode(['wal-fetch', nameOf(1), 'pg_wal/RECOVERYXLOG'], 137);
  expect((await killed()).code).toBe(200);
  await writeFile(join(cluster.dataDirectory, 'standby.signal'), '');
  expect((await killed()).code).toBe(1);
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const)(
  'what fetches ahead ends with 0 after %s, whoever has adopted it',
  async (signal) => {
    const scene = await restoring();
    const args = ['wal-fetch-ahead', nameOf(1), 'X', '--archive', scene.archive];
    const running = await startProcess(process.execPath, [bin, ...args], {
      cwd: scene.cluster.dataDirectory,
    });
    const fetched = scene.at('main.walq/fetched');
    await eventually(async () => {
      const [key = ''] = await readdir(fetched);
      expect(await readdir(join(fetched, key))).toContain('running');
    });
    expect(await running.kill(signal)).toMatchObject({ code: 0 });
  },
);

test.each([
  [['wal-fetch-ahead', '--no-such-option']],
  [['wal-fetch-ahead', nameOf(1), 'X', '--archive', '/no/such/archive']],
])('what fetches ahead ends with 0 where it fails: %j', async (args) => {
  const { cluster } = await newPostgresScene();
  const running = await startProcess(process.execPath, [bin, ...args], {
    cwd: cluster.dataDirectory,
  });
  expect((await running.exit).code).toBe(0);
});
