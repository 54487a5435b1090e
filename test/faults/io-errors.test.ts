import { expect, test } from 'vitest';
import { startRedis } from '@walq/test-support';
import type { Scene } from '../scene/index.ts';
import { IoFaults } from './io-faults.ts';
import { newest, twoSources, writeAndFlush } from './two-sources.ts';

type Failing = Parameters<IoFaults['fail']>;

const errors: readonly { what: string; says: RegExp; fails: (scene: Scene) => Failing }[] = [
  {
    what: 'reading a source fails',
    says: /source-io.*Check the disk of the source.*retrying segment: /,
    fails: ({ source }) => ['read', 'EIO', `${source}/wal-`],
  },
  {
    what: 'writing to an archive fails',
    says: /Check that the archive is mounted.* is not available/,
    fails: ({ archive }) => ['write', 'EIO', archive],
  },
  {
    what: 'fsync of an archive fails',
    says: /Check the medium and its kernel messages.* is not available/,
    fails: ({ archive }) => ['fsync', 'EIO', archive],
  },
  {
    what: 'an archive is full',
    says: /Make room in the archive.* is not available/,
    fails: ({ archive }) => ['write', 'ENOSPC', archive],
  },
];

test.each(errors)(
  '$what for a while: it is reported, the other source continues, and all is archived in the end',
  async ({ says, fails }) => {
    const redis = await startRedis();
    const { scene, other } = await twoSources(redis.url);
    const io = await IoFaults.at(scene.root);
    const roles = [
      await scene.startWith(io.env, 'producer'),
      await scene.startWith(io.env, 'worker', '--concurrency', '2'),
    ];
    // Both sources are known to their archives by now: what is to fail is the work.
    for (const source of ['orders', 'ledger']) {
      await roles[1]?.waitForLine(new RegExp(`"source":"${source}".*taking archive jobs`));
    }
    await io.fail(...fails(scene));
    await writeAndFlush(scene);
    await roles[1]?.waitForLine(says);

    await writeAndFlush(other);
    await other.untilLeft([newest]);
    expect(await scene.faultsAtAnyTime()).toEqual([]);
    expect(await scene.archived()).toEqual([]);

    await io.heal();
    await scene.untilLeft([newest]);
    for (const role of roles) {
      expect(await role.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    }
    for (const one of [scene, other]) {
      expect(await one.faultsAtTheEnd({ left: [newest] })).toEqual([]);
    }
  },
);
