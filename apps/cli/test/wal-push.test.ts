import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  appendFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { promisify } from 'node:util';
import { recordsText } from '@walq/test-support';
import { AUTO_LEVELS } from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { newPostgresScene, type PostgresScene } from './postgres-scene.ts';

const FIRST = '000000010000000000000001';
const SECOND = '000000010000000000000002';
const NODE_ANSWERED = 77;

const run = promisify(execFile);
const whole = { encoding: 'buffer', maxBuffer: 1 << 24 } as const;

/** A first push archives two files: the second waits for its acknowledgement. */
async function pushedAhead(): Promise<PostgresScene> {
  const scene = await newPostgresScene();
  for (const name of [FIRST, SECOND]) await scene.cluster.ready(name);
  expect(await scene.push(FIRST)).toMatchObject({ code: 0, stdout: '', stderr: '' });
  await scene.cluster.done(FIRST);
  return scene;
}

const pushArgs = ({ config }: PostgresScene): string[] => [
  'wal-push',
  `pg_wal/${SECOND}`,
  '--config',
  config,
];

test('a file is archived, and nothing is said', async () => {
  const scene = await newPostgresScene();
  for (const name of [FIRST, SECOND]) await scene.cluster.ready(name);
  const pushed = await scene.callFastPath([
    'wal-push',
    `pg_wal/${FIRST}`,
    '--config',
    scene.config,
  ]);
  expect(pushed).toEqual({ code: 0, stdout: '', stderr: '' });
  const shard = scene.at('archive/main/0000000100000000');
  expect((await readdir(shard)).toSorted()).toEqual([`${FIRST}.zst`, `${SECOND}.zst`]);
});

test('the level is measured where walq is to choose it, and shown', async () => {
  const scene = await newPostgresScene();
  await scene.cluster.ready(FIRST);
  await appendFile(scene.config, '[compression]\nlevel = "auto"\n');
  expect(await scene.push(FIRST)).toMatchObject({ code: 0, stdout: '', stderr: '' });
  const { stdout } = await scene.call(['show', FIRST, '--json', '--config', scene.config]);
  const { manifest } = JSON.parse(stdout) as { manifest: { level: number } };
  expect(AUTO_LEVELS).toContain(manifest.level);
});

test('a dictionary is used where one is configured, and zstd needs no more than that to read the object', async () => {
  const scene = await newPostgresScene();
  await scene.cluster.ready(FIRST);
  const dictionary = scene.at('pages.dict');
  const samples = Array.from({ length: 50 }, (_, number) => scene.at(`sample-${number}`));
  for (const [number, path] of samples.entries()) await writeFile(path, recordsText(number, 2_000));
  await run('zstd', ['--train', '-q', '--maxdict=4096', '-o', dictionary, '--', ...samples]);
  await appendFile(scene.config, '[compression]\ndictionary = "pages.dict"\n');

  expect(await scene.push(FIRST)).toMatchObject({ code: 0, stdout: '', stderr: '' });

  const object = scene.at(`archive/main/0000000100000000/${FIRST}.zst`);
  const { stdout } = await run('zstd', ['-D', dictionary, '-dc', object], whole);
  expect(stdout.equals(scene.cluster.segment(FIRST))).toBe(true);
  await expect(run('zstd', ['-dc', object], whole)).rejects.toThrow(/[Dd]ictionary/);
  await rm(scene.cluster.walPath(FIRST));
  const fetched = ['wal-fetch', FIRST, 'pg_wal/RECOVERYXLOG', '--ahead', '0'];
  expect(await scene.call([...fetched, '--config', scene.config])).toMatchObject({ code: 0 });
  const back = await readFile(scene.cluster.walPath('RECOVERYXLOG'));
  expect(back.equals(scene.cluster.segment(FIRST))).toBe(true);
});

test('one that was archived ahead is acknowledged without Node, once', async () => {
  const scene = await pushedAhead();
  expect(await scene.callWithoutNode(pushArgs(scene))).toMatchObject({ code: 0, stderr: '' });
  expect((await scene.callWithoutNode(pushArgs(scene))).code).toBe(NODE_ANSWERED);
  expect((await scene.push(SECOND)).code).toBe(0);
});

/** As roles say, some seconds ago, that they are at work; and the marker is kept from being seen. */
async function awaiting(scene: PostgresScene, secondsAgo: number): Promise<() => Promise<void>> {
  const [key = ''] = await readdir(scene.at('main.walq/acknowledged'));
  const marker = scene.at(`main.walq/acknowledged/${key}/${SECOND}`);
  await rename(marker, scene.at('marker'));
  await mkdir(scene.at('main.walq/heartbeat'), { recursive: true });
  const at = Date.now() / 1000 - secondsAgo;
  for (const role of ['producer', 'worker']) {
    await writeFile(scene.at(`main.walq/heartbeat/${role}`), '');
    await utimes(scene.at(`main.walq/heartbeat/${role}`), at, at);
  }
  return () => rename(scene.at('marker'), marker);
}

test('what roles at work are about to archive is waited for without Node', async () => {
  const scene = await pushedAhead();
  const show = await awaiting(scene, 0);
  const asked = scene.callWithoutNode(pushArgs(scene));
  await show();
  expect((await asked).code).toBe(0);
  const again = await scene.callWithoutNode(pushArgs(scene));
  expect(again.code).toBe(NODE_ANSWERED);
});

test('nobody waits for roles that have gone', async () => {
  const scene = await pushedAhead();
  await awaiting(scene, 60);
  const asked = scene.callWithoutNode(pushArgs(scene));
  expect((await asked).code).toBe(NODE_ANSWERED);
});

test('it is acknowledged without Node also where a symbolic link leads to the data directory', async () => {
  const scene = await newPostgresScene();
  await rename(scene.at('main'), scene.at('data'));
  await symlink(scene.at('data'), scene.at('main'));
  for (const name of [FIRST, SECOND]) await scene.cluster.ready(name);
  expect((await scene.push(FIRST)).code).toBe(0);
  expect((await scene.callWithoutNode(pushArgs(scene))).code).toBe(0);
});

test.each<[string, (scene: PostgresScene) => Promise<string[] | void>]>([
  [
    'a file that was written again',
    async ({ cluster }) => {
      await rm(cluster.walPath(SECOND));
      await cluster.ready(SECOND, cluster.segment(SECOND, 'again'));
    },
  ],
  ['a file that was overwritten', ({ cluster }) => cluster.ready(SECOND)],
  ['a file with another time', ({ cluster }) => utimes(cluster.walPath(SECOND), 1, 1)],
  ['another configuration', ({ config }) => writeFile(config, '# another\n', { flag: 'a' })],
  ['a configuration that is gone', ({ config }) => rm(config)],
  ['other arguments', async (scene) => [...pushArgs(scene), '--timeout', '5s']],
  [
    'a path elsewhere',
    async ({ config }) => ['wal-push', `./pg_wal/${SECOND}`, '--config', config],
  ],
  ['a damaged record', ({ at }) => writeFile(at('main.walq/push-fast-path'), 'walq-fast-path 1\n')],
  [
    'a record of a later walq',
    ({ at }) => writeFile(at('main.walq/push-fast-path'), 'walq-fast-path 2\n'.repeat(9)),
  ],
])('%s is left to Node', async (_, change) => {
  const scene = await pushedAhead();
  const args = (await change(scene)) ?? pushArgs(scene);
  expect((await scene.callWithoutNode(args)).code).toBe(NODE_ANSWERED);
});

test.each(['WALQ_ARCHIVE__URL', 'WALQ_CONFIG', 'WALQ_SOURCES__MAIN__ARCHIVE'])(
  'a call with %s is left to Node',
  async (variable) => {
    const scene = await pushedAhead();
    const other = scene.at('other');
    const result = await scene.callFastPath(pushArgs(scene), {
      [variable]: other,
      WALQ_NODE: 'no-such-node',
    });
    expect(result.stderr).toContain('no-such-node');
    expect(result.code).toBe(1);
  },
);

test('Node missing is said with a code that PostgreSQL tries again after', async () => {
  const scene = await newPostgresScene();
  const none = { WALQ_NODE: 'no-such-node' };
  const pushed = await scene.callFastPath(['wal-push', `pg_wal/${FIRST}`], none);
  expect(pushed).toMatchObject({ code: 1 });
  expect(pushed.stderr).toContain('WALQ_NODE');
  const fetched = await scene.callFastPath(['wal-fetch', FIRST, 'pg_wal/RECOVERYXLOG'], none);
  expect(fetched.code).toBe(200);
});

test('a code that PostgreSQL takes as fatal is never given', async () => {
  const scene = await newPostgresScene();
  expect((await scene.callWithoutNode(['wal-push', `pg_wal/${FIRST}`], 139)).code).toBe(1);
  expect((await scene.callWithoutNode(['wal-push', `pg_wal/${FIRST}`], 125)).code).toBe(125);
  const optionsFirst = ['--config', scene.config, 'wal-push', `pg_wal/${FIRST}`];
  expect((await scene.callWithoutNode(optionsFirst, 139)).code).toBe(1);
});

test.each([
  [['wal-push'], 'missing'],
  [['wal-push', 'elsewhere/000000010000000000000001'], 'is not in'],
  [['wal-push', 'pg_wal/postmaster.pid'], 'not the name of a WAL file'],
  [['wal-push', `pg_wal/${FIRST}`, '--source', 'other'], "no source 'other'"],
  [['wal-push', `pg_wal/${FIRST}`, '--timeout', 'soon'], 'duration'],
  [['wal-push', `pg_wal/${SECOND}`], 'not ready'],
])('%j is refused in words', async (args, why) => {
  const scene = await newPostgresScene();
  await scene.cluster.ready(FIRST);
  const result = await scene.call([...args, '--config', scene.config]);
  expect(result.stderr).toContain(why);
  expect(result.code).toBeGreaterThanOrEqual(1);
  expect(result.code).toBeLessThanOrEqual(125);
});

interface Blocked {
  readonly kind: string;
  readonly level: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

async function blockedBy(scene: PostgresScene): Promise<Blocked | undefined> {
  const { stdout } = await scene.call(['status', '--json', '--config', scene.config]);
  const { sources } = JSON.parse(stdout) as {
    sources: { main: { conditions: readonly Blocked[] } };
  };
  return sources.main.conditions.find(({ kind }) => kind === 'archiver-blocked');
}

test('what PostgreSQL waits for is in walq status, with the reason and the way out, until it is archived', async () => {
  const scene = await newPostgresScene();
  await scene.cluster.ready(FIRST);
  expect((await scene.push(FIRST)).code).toBe(0);
  await scene.cluster.done(FIRST);
  expect(await blockedBy(scene)).toBeUndefined();

  await scene.cluster.ready(SECOND, 'no WAL');
  for (const refused of [await scene.push(SECOND), await scene.push(SECOND)]) {
    expect(refused.code).toBe(1);
    // Nothing is in quarantine that could be released.
    expect(refused.stderr).toContain('PostgreSQL retries by itself');
    expect(refused.stderr).not.toContain('--release');
  }
  expect(await blockedBy(scene)).toMatchObject({
    level: 'critical',
    code: 'segment-malformed',
    segments: 1,
    since: expect.stringMatching(/^\d{4}-/) as string,
    message: expect.stringMatching(new RegExp(`waits for ${SECOND}, tried 2 times: .*`)) as string,
    hint: expect.stringContaining('Examine the file') as string,
  });
  const status = await scene.call(['status', '--config', scene.config]);
  expect(status).toMatchObject({ code: 1 });
  expect(status.stdout).toContain(SECOND);

  await scene.cluster.ready(SECOND);
  expect((await scene.push(SECOND)).code).toBe(0);
  expect(await blockedBy(scene)).toBeUndefined();
});

test('a file that PostgreSQL has done with blocks nothing', async () => {
  const scene = await pushedAhead();
  await scene.cluster.ready(SECOND, 'no WAL');
  expect((await scene.push(SECOND)).code).toBe(1);
  await scene.cluster.done(SECOND);
  expect(await blockedBy(scene)).toBeUndefined();
});

test('it ends in its time', async () => {
  const scene = await newPostgresScene();
  await scene.cluster.ready(FIRST);
  await scene.push(FIRST);
  await writeFile(scene.at(`main.walq/in-work/${FIRST}`), '');
  const args = ['wal-push', `pg_wal/${FIRST}`, '--timeout', '1s', '--config', scene.config];
  const result = await scene.call(args);
  expect(result.code).toBe(1);
  expect(result.stderr).toContain(`archiving ${FIRST} took longer than 1 s`);
});

test('walq makes nothing within the data directory', async () => {
  const scene = await newPostgresScene();
  await scene.cluster.ready(FIRST);
  const names = () => readdir(scene.cluster.dataDirectory, { recursive: true });
  const before = await names();
  await scene.push(FIRST);
  expect(await names()).toEqual(before);
  expect(existsSync(scene.at('main.walq'))).toBe(true);
});
