import { chmod } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { startRedis } from '@walq/test-support';
import type { Scene } from '../scene/index.ts';
import { mayGiveRightsUp, startBoundByModes } from './bound-by-modes.ts';
import { newest, twoSources, writeAndFlush } from './two-sources.ts';

const losses: readonly { what: string; says: RegExp; at: (scene: Scene) => string }[] = [
  {
    what: 'source',
    says: /Check the path of the source.*source 'orders' is not available/,
    at: ({ source }) => source,
  },
  {
    what: 'folder of the archive',
    says: /fix its permissions|Check that the archive is mounted, writable/,
    at: ({ sourceFolder }) => sourceFolder,
  },
];

test.runIf(mayGiveRightsUp).each(losses)(
  'the permission for a $what is lost and granted again: it is reported, the other source continues',
  async ({ says, at }) => {
    const redis = await startRedis();
    const { scene, other } = await twoSources(redis.url);
    await writeAndFlush(scene);
    await writeAndFlush(other);
    await chmod(at(scene), 0);
    const roles = [
      await startBoundByModes(scene, 'producer'),
      await startBoundByModes(scene, 'worker'),
    ];
    await roles[1]?.waitForLine(says);
    await other.untilLeft([newest]);
    expect(await scene.faultsAtAnyTime()).toEqual([]);
    expect(await scene.archived()).toEqual([]);

    await chmod(at(scene), 0o700);
    await scene.untilLeft([newest]);
    for (const role of roles) {
      expect(await role.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    }
    for (const one of [scene, other]) {
      expect(await one.faultsAtTheEnd({ left: [newest] })).toEqual([]);
    }
  },
);
