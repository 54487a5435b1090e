import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { eventually, freePort, startCuttingProxy, startRedis, type Cut } from '@walq/test-support';
import { nameOf, newScene, startWalq, statusOf, type Scene } from '../scene/index.ts';

const COMMANDS_MAX = 200;
const AT_ONCE = 4;

interface Role {
  readonly name: string;
  /** Which other roles help it, over a connection that is not cut. */
  readonly helped: readonly string[];
  readonly hasDone: (scene: Scene) => Promise<void>;
}

const roles: readonly Role[] = [
  {
    name: 'producer',
    helped: [],
    hasDone: async (scene) =>
      expect((await statusOf(scene)).queues['wal-archive-orders']?.waiting).toBe(1),
  },
  {
    name: 'worker',
    helped: ['producer'],
    hasDone: async (scene) => expect(await scene.sourceNames()).toEqual([nameOf(2)]),
  },
  { name: 'dashboard', helped: [], hasDone: async () => undefined },
];

const cases = roles.flatMap((role) => [
  { role, name: role.name, appendonly: 'no', lost: 'answer' as const },
  { role, name: role.name, appendonly: 'yes', lost: 'request' as const },
]);

test.each(cases)(
  'a $name whose connection is cut at its k-th command, the $lost lost, works all the same (appendonly $appendonly)',
  async ({ role, appendonly, lost }) => {
    let met = true;
    for (let first = 1; met && first < COMMANDS_MAX; first += AT_ONCE) {
      const commands = Array.from({ length: AT_ONCE }, (_, index) => first + index);
      const all = commands.map((command) => cutOnce(role, appendonly, { command, lost }));
      met = (await Promise.all(all)).every(Boolean);
    }
    expect(met).toBe(false);
  },
);

/** True where the role met the cut before it had done its first work. */
async function cutOnce(role: Role, appendonly: string, cut: Cut): Promise<boolean> {
  const redis = await startRedis({ args: ['--appendonly', appendonly] });
  const proxy = await startCuttingProxy(redis.port, cut);
  const scene = await newScene({ redisUrl: redis.url });
  await scene.writeSegments(1, 2, 1_000);
  await scene.markFlushed(nameOf(1));
  const health = `127.0.0.1:${await freePort()}`;
  const env = {
    WALQ_REDIS__URL: proxy.url,
    WALQ_METRICS__LISTEN: health,
    WALQ_DASHBOARD__LISTEN: '127.0.0.1:0',
  };
  const helpers = await Promise.all(role.helped.map((one) => scene.start(one)));
  const begun = await startWalq([role.name], { cwd: scene.root, env });
  await eventually(() => role.hasDone(scene));
  await eventually(async () => expect(await statusAt(health, '/readyz')).toBe(200));
  expect(await statusAt(health, '/healthz')).toBe(200);
  const { hasCut } = proxy;
  const ended = await Promise.all([begun, ...helpers].map((one) => one.kill('SIGTERM')));
  expect(ended.map(({ code }) => code)).toEqual(ended.map(() => 0));
  await proxy.close();
  await redis.stop();
  return hasCut;
}

const statusAt = async (address: string, path: string): Promise<number> =>
  (await fetch(`http://${address}${path}`)).status;

test('all connections break every 400 ms for a while: seven workers and a long-running producer go on', async () => {
  const redis = await startRedis();
  const proxy = await startCuttingProxy(redis.port);
  const scene = await newScene({ redisUrl: proxy.url });
  const [rounds, perRound] = [20, 5];
  await scene.writeSegments(1, rounds * perRound + 1, 1_000);
  await scene.markFlushed(nameOf(1));
  // Each break is an outage of its own, and a line of its own.
  const producer = await startWalq(['producer'], { cwd: scene.root });
  await eventually(async () => {
    expect((await statusOf(scene)).queues['wal-archive-orders']?.waiting).toBe(1);
  });
  const starting = Array.from({ length: 7 }, () => startWalq(['worker'], { cwd: scene.root }));
  const workers = await Promise.all(starting);
  for (let round = 1; round <= rounds; round += 1) {
    proxy.cutAll();
    await scene.markFlushed(nameOf(round * perRound));
    await sleep(400);
  }
  await scene.untilLeft([nameOf(rounds * perRound + 1)]);
  await eventually(async () => expect((await statusOf(scene)).workers).toHaveLength(7));
  for (const role of [producer, ...workers]) {
    expect(await role.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  }
  await proxy.close();
});
