import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startRedis } from '@walq/test-support';
import { MEBIBYTE, statusOf } from '../scene/index.ts';
import { mayMount } from './filesystem.ts';
import { newest, smallArchive } from './small-archive.ts';

test.runIf(mayMount)(
  'a full archive is one line, and is gone on with once there is room',
  async () => {
    const redis = await startRedis();
    const scene = await smallArchive(redis.url, 8 * MEBIBYTE);
    const ballast = join(scene.archive, 'ballast');
    await writeFile(ballast, randomBytes(6 * MEBIBYTE));
    const worker = await scene.start('worker');
    await worker.waitForLine(/store-full|no space|ENOSPC/i);
    expect(await scene.faultsAtAnyTime()).toEqual([]);
    expect((await statusOf(scene)).sources['orders']?.quarantined).toEqual([]);

    await rm(ballast);
    await scene.untilLeft([newest]);
    expect(await worker.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    const lines = worker.stdout.split('\n').filter((line) => /"level":[456]0/.test(line));
    expect(lines).toEqual([expect.stringContaining('Make room in the archive')]);
    expect(await scene.faultsAtTheEnd({ left: [newest] })).toEqual([]);
  },
);
