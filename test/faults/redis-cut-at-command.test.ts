/**
 * A connection to Redis that breaks at any one command of a role's start must not leave a process behind that is
 * healthy and idle. Every command until the first work is done is tried, with real processes.
 */
import { createProducer } from '@walq/archive-queue';
import { createLogger } from '@walq/role';
import { directorySource, nodeDisk, openStore } from '@walq/wal-core/internal';
import { eventually, startCuttingProxy, startRedis, type Cut } from '@walq/test-support';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { nameOf, newScene, redisCommand, startWalq, statusOf, type Scene } from '../scene/index.ts';

const COMMANDS_MAX = 200;
/** Most of them wait: for a time-out, or for the lock of a job to run out. */
const AT_ONCE = 8;

interface Case {
  readonly scene: Scene;
  readonly queueName: string;
  /** Of Redis itself, past the proxy. */
  readonly direct: string;
}

interface Role {
  readonly name: string;
  /** Gives it something to do, over a connection that is not cut; what it returns ends that. */
  readonly prepare: (one: Case) => Promise<() => Promise<void>>;
  readonly hasDone: (one: Case) => Promise<void>;
}

const nothing = async () => async () => undefined;

const roles: readonly Role[] = [
  {
    name: 'producer',
    prepare: nothing,
    hasDone: async ({ direct, queueName }) =>
      expect(await redisCommand(direct, 'LLEN', `bull:${queueName}-orders:wait`)).toBe(':1\r\n'),
  },
  {
    name: 'worker',
    prepare: produce,
    hasDone: async ({ scene }) => expect(await scene.archived()).toEqual([nameOf(1)]),
  },
  { name: 'dashboard', prepare: nothing, hasDone: async () => undefined },
];

const cases = roles.flatMap((role) => [
  { role, name: role.name, appendonly: 'no', lost: 'answer' as const },
  { role, name: role.name, appendonly: 'yes', lost: 'request' as const },
  { role, name: role.name, appendonly: 'no', lost: 'all-answers' as const },
]);

test.each(cases)(
  'a $name whose connection breaks at the k-th command, $lost lost, does its work (appendonly $appendonly)',
  async ({ role, appendonly, lost }) => {
    const redis = await startRedis({ args: ['--appendonly', appendonly] });
    let next = 1;
    let isMet = true;
    const inTurn = async (): Promise<void> => {
      while (isMet && next < COMMANDS_MAX) {
        const command = next;
        next += 1;
        if (!(await cutOnce(role, redis.url, { command, lost }))) isMet = false;
      }
    };
    await allSettled(Array.from({ length: AT_ONCE }, inTurn));
    expect(isMet).toBe(false);
  },
);

/** All have ended before one of them fails the test: what starts behind its end is closed by nobody. */
async function allSettled(all: readonly Promise<void>[]): Promise<void> {
  const settled = await Promise.allSettled(all);
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** True where the role met the cut before it had done its first work. */
async function cutOnce(role: Role, direct: string, cut: Cut): Promise<boolean> {
  const proxy = await startCuttingProxy(Number(new URL(direct).port), cut);
  const scene = await newScene({ redisUrl: proxy.url, afterArchive: 'keep', skipNewest: 1 });
  await scene.writeSegments(1, 2, 1_000);
  const queueName = `cut-${cut.command}`;
  const one = { scene, queueName, direct };
  const endPreparation = await role.prepare(one);
  const begun = await startWalq([role.name], {
    cwd: scene.root,
    env: {
      WALQ_QUEUE__NAME: queueName,
      WALQ_METRICS__LISTEN: '127.0.0.1:0',
      WALQ_DASHBOARD__LISTEN: '127.0.0.1:0',
    },
  });
  const ready = JSON.parse(await begun.waitForLine(/ ready"/)) as { metrics: string };
  await eventually(() => role.hasDone(one), { everyMs: 100 });
  const statusAt = async (path: string): Promise<number> =>
    (await fetch(`http://${ready.metrics}${path}`)).status;
  await eventually(async () => expect(await statusAt('/readyz')).toBe(200), { everyMs: 100 });
  expect(await statusAt('/healthz')).toBe(200);
  const { hasCut } = proxy;
  expect(await begun.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  await endPreparation();
  await proxy.close();
  return hasCut;
}

/** Puts the job of the segment on the queue. */
async function produce({ scene, queueName, direct }: Case): Promise<() => Promise<void>> {
  const source = directorySource({
    name: 'orders',
    directory: scene.source,
    pattern: /^wal-(?<number>\d+)\.bin$/,
    skipNewest: 1,
  });
  const store = openStore(scene.archive, { disk: nodeDisk });
  const logger = await createLogger({ level: 'error', format: 'json' });
  const producer = createProducer({ source, store, redis: direct, queueName, logger });
  producer.reconcile();
  return async () => producer.close();
}

test('all connections break every 400 ms for a while: seven workers and a long-running producer continue', async () => {
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
