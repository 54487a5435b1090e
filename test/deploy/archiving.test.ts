/** Archives segments with roles that run with the user, environment and files of each deployment example. */
import { existsSync } from 'node:fs';
import { chmod, chown, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, temporaryDirectory, type RunningProcess } from '@walq/test-support';
import { expect, test } from 'vitest';
import { composeService, redisCommand } from './compose-services.ts';
import { deploy, userOf } from './image.ts';
import { pod, projected } from './pods.ts';
import { Site, WALQ, type Mount, type Sandbox } from './sandbox.ts';
import { unit, type UnitPlaces } from './units.ts';

const OPERATOR = '1000:1000';
const { uid, gid } = userOf(OPERATOR);

interface Place {
  readonly at: (...path: string[]) => string;
}

/** The source of the example configurations, with two sealed segments and an open one. */
async function newPlace(): Promise<Place> {
  const { path, at } = await temporaryDirectory('deploy');
  await chmod(path, 0o755);
  for (const name of ['wal', 'wal/ledger', 'archive']) {
    await mkdir(at(name));
    await chown(at(name), uid, gid);
  }
  for (const number of [1, 2, 3]) {
    const file = at(`wal/ledger/wal-000${number}.bin`);
    await writeFile(file, `segment ${number}`.repeat(1000));
    await chown(file, uid, gid);
  }
  return { at };
}

/** Marks segments as flushed, as the engine would, with the configuration and user of the role. */
const marking = (role: Sandbox): Sandbox => ({
  ...role,
  command: [WALQ, 'mark-flushed', 'ledger', 'wal-0002.bin'],
});

async function mustArchive(site: Site, { at }: Place, roles: Readonly<Record<string, Sandbox>>) {
  const [producer] = Object.values(roles);
  if (producer === undefined) throw new Error('there are roles');
  const running = await startAll(site, roles);
  const shard = at('archive/ledger/00000000');
  const marked = await site.run(marking(producer));
  expect([(await marked.exit).code, marked.stderr]).toEqual([0, expect.any(String)]);
  const objects = [1, 2].map((number) => join(shard, `wal-000${number}.bin.zst`));
  await eventually(() => {
    for (const { ended, stderr, stdout } of running) if (ended) throw new Error(stderr + stdout);
    expect(objects.filter((path) => existsSync(path))).toEqual(objects);
    expect(existsSync(at('wal/ledger/wal-0001.bin'))).toBe(false);
  });
  for (const role of running) {
    role.send('SIGTERM');
    expect([(await role.exit).code, role.stderr]).toEqual([0, expect.any(String)]);
  }
}

/** Starts the producer first, which registers the new source. */
async function startAll(site: Site, roles: Readonly<Record<string, Sandbox>>) {
  const running: RunningProcess[] = [];
  for (const [name, role] of Object.entries(roles)) {
    const started = await site.run(role);
    running.push(started);
    if (name === 'dashboard') await started.waitForLine(/http:\/\/0\.0\.0\.0:9463/);
  }
  return running;
}

test('deploy/compose.yaml archives', async () => {
  const place = await newPlace();
  const { at } = place;
  const files = (path: string) => at('deploy', path);
  await mkdir(at('deploy'));
  await copyFile(join(deploy, 'walq.toml'), files('walq.toml'));
  await writeFile(files('dashboard-token'), 'a-token-of-some-length\n');
  await chown(files('dashboard-token'), uid, gid);
  const variables = { WAL: at('wal'), ARCHIVE: at('archive'), RUN_AS: OPERATOR };
  const service = (name: string) => composeService(name, variables, files);
  const site = await Site.start(await redisCommand());
  await mustArchive(site, place, {
    producer: await service('producer'),
    'worker-1': await service('worker-1'),
    'worker-2': await service('worker-2'),
    dashboard: await service('dashboard'),
  });
});

test('deploy/kubernetes archives', async () => {
  const place = await newPlace();
  const { at } = place;
  await writeFile(at('token'), 'a-token-of-some-length');
  await projected(at('config'), { 'walq.toml': join(deploy, 'kubernetes/walq.toml') }, gid);
  await projected(at('secret'), { 'dashboard-token': at('token') }, gid);
  const places: Readonly<Record<string, string>> = {
    walq: at('config'),
    'walq-dashboard': at('secret'),
    wal: at('wal'),
    'wal-archive': at('archive'),
  };
  const site = await Site.start(await redisCommand());
  const role = (name: string) => pod(name, (of) => places[of] ?? at('missing'));
  await mustArchive(site, place, {
    producer: await role('producer'),
    worker: await role('worker'),
    dashboard: await role('dashboard'),
  });
});

const units = ['walq-producer.service', 'walq-worker@1.service', 'walq-worker@2.service'];
const CONFIGURATION = `
[redis]
url = "redis://redis:6379"
[archive]
url = "file:///srv/wal-archive"
[dashboard]
token_file = "/etc/walq/only-the-dashboard-may-read-it"
[sources.ledger]
type = "directory"
path = "/var/lib/ledger/wal/ledger"
pattern = '^wal-(?<number>\\d+)\\.bin$'
after_archive = "delete"
`;

/** A host with the directories that the units may write to, owned by the user of the units. */
async function newHost(at: Place['at']): Promise<UnitPlaces> {
  for (const name of ['state', 'cache', 'main.walq']) {
    await mkdir(at(name));
    await chown(at(name), uid, gid);
  }
  await mkdir(at('etc'));
  await writeFile(at('etc/walq.toml'), CONFIGURATION);
  const paths: Readonly<Record<string, string>> = {
    '/srv/wal-archive': at('archive'),
    '/var/lib/walq': at('state'),
    '/var/cache/walq': at('cache'),
    '/var/lib/postgresql/15/main.walq': at('main.walq'),
  };
  const source: Mount = `rw:${at('wal')}:/var/lib/ledger/wal`;
  return {
    user: () => OPERATOR,
    path: (path) => paths[path],
    mounts: [source, `ro:${at('etc')}:/etc/walq`],
  };
}

test('deploy/systemd archives', async () => {
  const place = await newPlace();
  const host = await newHost(place.at);
  const site = await Site.start(await redisCommand());
  const roles = await Promise.all(
    units.map(async (name) => [name, await unit(name, host)] as const),
  );
  await mustArchive(site, place, Object.fromEntries(roles));
});

/** Writes to each of walq's own directories and prints its path. */
const TRY_TO_WRITE = `
  const { stateDirectory, cacheDirectory } = await import(process.argv[1]);
  const { mkdirSync, writeFileSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  for (const place of [stateDirectory() + '/staging', cacheDirectory() + '/any', tmpdir() + '/any']) {
    mkdirSync(place, { recursive: true });
    writeFileSync(place + '/file', 'x');
    console.log(place);
  }
`;

const all = [...units, 'walq-dashboard.service'];

test.each([
  ...all.map((name) => ({ name, dropIns: [] as string[] })),
  ...all.map((name) => ({ name, dropIns: ['postgres.conf'] })),
])(
  'walq can write to its default directories under $name with $dropIns',
  async ({ name, dropIns }) => {
    const { at } = await newPlace();
    const host = await newHost(at);
    const site = await Site.start(await redisCommand());
    const role = await unit(name, host, dropIns);
    const library = join(import.meta.dirname, '../../packages/config/dist/index.js');
    const node = ['node', '--input-type=module', '--eval', TRY_TO_WRITE, library];
    const tried = await site.run({ ...role, command: ['/usr/bin/env', ...node] });
    expect([(await tried.exit).code, tried.stderr]).toEqual([0, expect.any(String)]);
    expect(tried.stdout.trim().split('\n')).toEqual([
      '/var/lib/walq/staging',
      '/var/cache/walq/any',
      '/tmp/any',
    ]);
  },
);
