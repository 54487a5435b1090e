import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { freePort, startRedis } from '@walq/test-support';
import { nameOf, newScene, type Scene } from '../scene/index.ts';

const reasons: readonly {
  why: string;
  redisUrl?: () => Promise<string>;
  spoil?: (scene: Scene) => Promise<void>;
  says: RegExp;
}[] = [
  {
    why: 'Redis cannot be reached',
    redisUrl: async () => `redis://127.0.0.1:${await freePort()}`,
    says: /redis is unreachable: .*ECONNREFUSED/,
  },
  {
    why: 'Redis is a replica',
    redisUrl: async () => (await startRedis({ args: ['--replicaof', '127.0.0.1', '1'] })).url,
    says: /redis takes no jobs: .*READONLY/,
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
];

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
