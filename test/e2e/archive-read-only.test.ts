import { expect, test } from 'vitest';
import { startRedis } from '@walq/test-support';
import { MEBIBYTE } from '../scene/index.ts';
import { mayMount, remount } from './filesystem.ts';
import { newest, SEGMENTS, smallArchive } from './small-archive.ts';

test.runIf(mayMount)(
  'an archive that is read-only is one line, and is gone on with once it is writable',
  async () => {
    const redis = await startRedis();
    const scene = await smallArchive(redis.url, 64 * MEBIBYTE);
    await remount(scene.archive, 'ro');
    const worker = await scene.start('worker');
    await worker.waitForLine(/"level":[456]0.*read-only/i);
    expect(await scene.sourceNames()).toHaveLength(SEGMENTS + 1);
    const checked = await scene.walq('check');
    expect(checked.code).toBe(1);
    expect(checked.stdout).toMatch(/FAILED +archive [^]*hint: Remount the archive writable/);

    await remount(scene.archive, 'rw');
    await scene.untilLeft([newest]);
    expect(await worker.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await scene.faultsAtTheEnd({ left: [newest] })).toEqual([]);
  },
);
