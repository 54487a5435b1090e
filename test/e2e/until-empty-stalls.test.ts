import { mkdir, rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { freePort, startRedis } from '@walq/test-support';
import { nameOf, newScene, runWalq, type Scene } from '../scene/index.ts';

const reasons: readonly {
  why: string;
  redisUrl?: () => Promise<string>;
  spoil?: (scene: Scene) => Promise<void>;
  says: RegExp;
}[] = [
  {
    why: 'Redis cannot be reached',
    redisUrl: async () => `redis://127.0.0.1:${await freePort()}`,
    says: /Redis is unreachable: .*ECONNREFUSED/,
  },
  {
    why: 'Redis is a replica',
    redisUrl: async () => (await startRedis({ args: ['--replicaof', '127.0.0.1', '1'] })).url,
    says: /Redis rejects writes: .*READONLY/,
  },
  {
    why: 'the archive is gone',
    spoil: (scene) => rm(scene.archive, { recursive: true }),
    says: /archive/,
  },
  {
    why: 'the source is gone',
    spoil: (scene) => rm(scene.source, { recursive: true }),
    says: /source/,
  },
  {
    why: 'the directory of the source is empty, as where it is not mounted',
    spoil: async (scene) => {
      await rm(scene.source, { recursive: true });
      await mkdir(scene.source);
    },
    says: /source/,
  },
  {
    why: 'the source is one of another host',
    spoil: beOfAnotherHost,
    says: /the name 'orders' is taken[^]*source-identity-mismatch/,
  },
  {
    why: 'the memory of Redis is full',
    redisUrl: async () => (await startRedis({ args: ['--maxmemory', '1'] })).url,
    says: /Redis rejects writes: .*OOM/,
  },
];

/** The archive, and the queue with its jobs, stay those of the first host; this one has a directory of its own. */
async function beOfAnotherHost(scene: Scene): Promise<void> {
  const producer = await scene.start('producer');
  await producer.waitForLine(/ready"/);
  expect(await producer.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  const here = await newScene();
  await here.writeSegments(1, 4, 1_000);
  expect((await here.walq('mark-flushed', 'orders', nameOf(3))).code).toBe(0);
  await scene.configure('walq.toml', { path: here.source });
  const checked = await runWalq(['check'], { cwd: scene.root });
  expect(checked.stdout).toContain("the name 'orders' is taken");
}

test.each(reasons)(
  'worker --until-empty ends with 1 and the reason where nothing can move: $why',
  async ({ redisUrl, spoil, says }) => {
    const sound = await startRedis();
    const scene = await newScene({ redisUrl: sound.url });
    await scene.writeSegments(1, 4, 1_000);
    await scene.markFlushed(nameOf(1));
    expect((await scene.walq('worker', '--until-empty')).code).toBe(0);
    await scene.markFlushed(nameOf(3));
    if (redisUrl !== undefined) await scene.configure('walq.toml', { redisUrl: await redisUrl() });
    await spoil?.(scene);
    const { code, stderr } = await scene.walq('worker', '--until-empty', '--stall-timeout', '3s');
    expect(code).toBe(1);
    expect(stderr).toMatch(says);
    expect(stderr).toMatch(/hint: ./);
  },
);
