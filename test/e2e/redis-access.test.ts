import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually, freePort, startRedis, type RunningRedis } from '@walq/test-support';
import { nameOf, newScene, startWalq, statusOf, type Scene } from '../scene/index.ts';

const PASSWORD = 'hunter2';
const deployGuide = join(import.meta.dirname, '../../docs/deploy.md');

/** The rules of `ACL SETUSER` as docs/deploy.md lists them. */
async function documentedRules(): Promise<string[]> {
  const line = /^ACL SETUSER walq (?<rules>.*)$/m.exec(await readFile(deployGuide, 'utf8'));
  const rules = line?.groups?.['rules'];
  if (rules === undefined) throw new Error('docs/deploy.md states no ACL SETUSER walq');
  return rules.replace('PASSWORD', PASSWORD).split(' ');
}

/** A server that nobody but the user walq may use. */
async function guardedRedis(more: readonly string[] = []): Promise<RunningRedis> {
  const redis = await startRedis();
  const rules = [...(await documentedRules()), ...more];
  await redis.command(`ACL SETUSER walq ${rules.join(' ')}`);
  await redis.command('ACL SETUSER default -@all +ping');
  return redis;
}

async function sceneAt(redisUrl: string, password = PASSWORD): Promise<Scene> {
  const scene = await newScene();
  await writeFile(join(scene.root, 'password'), password);
  const lines = [`url = "${redisUrl}"`, 'username = "walq"', 'password_file = "password"'];
  await scene.configure('walq.toml', { redisLines: lines });
  return scene;
}

test('all roles and commands work with exactly the permissions that docs/deploy.md lists', async () => {
  const redis = await guardedRedis();
  const scene = await sceneAt(redis.url);
  await scene.writeSegments(1, 4, 1_000);
  await scene.markFlushed(nameOf(1));
  const address = `127.0.0.1:${await freePort()}`;
  const env = { WALQ_DASHBOARD__LISTEN: address, WALQ_METRICS__LISTEN: 'off' };
  const checked = await scene.walq('check');
  expect(checked.stdout).toMatch(/^ok +redis .*a test job was added, processed and removed/m);
  const producer = await scene.start('producer');
  const worker = await scene.start('worker');
  const dashboard = await startWalq(['dashboard'], { cwd: scene.root, env });
  await scene.untilLeft([2, 3, 4].map(nameOf));
  expect((await scene.walq('pause', 'orders')).code).toBe(0);
  await scene.markFlushed(nameOf(3));
  await eventually(async () => {
    const { queues } = (await scene.walq('status', '--json')).json() as { queues: object };
    expect(queues).toMatchObject({ 'wal-archive-orders': { waiting: 2 } });
  });
  expect((await scene.walq('resume', 'orders')).code).toBe(0);
  await scene.untilLeft([nameOf(4)]);
  await eventually(async () => {
    const state = await (await fetch(`http://${address}/api/state`)).json();
    expect(state).toMatchObject({ redis: 'ok', workers: [{}], producers: [{}] });
  });
  expect((await fetch(`http://${address}/queues/api/queues`)).status).toBe(200);
  expect((await scene.walq('worker', '--until-empty')).code).toBe(0);
  await eventually(async () => expect((await statusOf(scene)).redis).toBe('ok'));
  for (const role of [producer, worker, dashboard]) {
    expect(role.stdout + role.stderr).not.toContain('NOPERM');
    expect(await role.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  }
});

test.each([
  '-bzpopmin',
  '-evalsha',
  '-multi',
  '-zadd',
  '-info',
  '-xadd',
  '-set',
  '-hmset',
  '-lrem',
])('walq check finds that the permission %s is missing, and names it', async (rule) => {
  const redis = await guardedRedis([rule]);
  const scene = await sceneAt(redis.url);
  const { code, stdout } = await scene.walq('check');
  expect(code).toBe(1);
  expect(stdout).toMatch(/FAILED +redis .*(NOPERM|ACL failure|can't run this command)/);
  expect(stdout).toMatch(/hint: .*docs\/deploy\.md/);
});

test.each([
  { what: 'a wrong password', url: async () => (await guardedRedis()).url, says: /WRONGPASS/ },
  {
    what: 'no such database',
    url: async () => `${(await guardedRedis()).url}/99`,
    says: /DB index is out of range/,
  },
  {
    what: 'TLS at a port without',
    url: async () => (await guardedRedis()).url.replace('redis:', 'rediss:'),
    says: /TLS/,
  },
])(
  '$what is named by check, status and roles in the words of the server',
  async ({ url, says }) => {
    const password = says.test('WRONGPASS') ? 'another' : PASSWORD;
    const scene = await sceneAt(await url(), password);
    await scene.writeSegments(1, 2, 1_000);
    const checked = await scene.walq('check');
    expect(checked.code).toBe(1);
    expect(checked.stdout.split('\n').find((line) => line.includes('FAILED   redis'))).toMatch(
      says,
    );
    expect((await scene.walq('status')).stdout).toMatch(says);
    for (const name of ['producer', 'worker']) {
      const role = await scene.start(name);
      expect(await role.waitForLine(/is not available/)).toMatch(says);
      expect(await role.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    }
  },
);
