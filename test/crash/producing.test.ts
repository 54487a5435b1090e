import { startRedis } from '@walq/test-support';
import { expect, test } from 'vitest';
import { crashPlace, expectAllArchived } from './crash-place.ts';
import { crashPointsOf, crashRun, finishedRun, forEachFew } from './crash-run.ts';

test('killed before any change to the disk while a producer writes its watermark: nothing is lost, all is archived later', async () => {
  const redis = (await startRedis()).url;
  const root = (await crashPlace()).root;
  const points = await crashPointsOf({ part: 'produce', root, redis });
  expect(points.length).toBeGreaterThan(5);
  await forEachFew(points, async ({ killAt, before }) => {
    const what = `producer killed before ${before}, call ${killAt}`;
    const scene = await crashPlace();
    const run = { part: 'produce', root: scene.root, redis };
    const killed = await crashRun({ ...run, killAt });
    // How often it polls the disk while it waits differs from run to run.
    expect(['SIGKILL', null]).toContain((await killed.exit).signal);
    expect({ what, faults: await scene.faultsAtAnyTime() }).toEqual({ what, faults: [] });

    await finishedRun(run);
    await finishedRun({ part: 'archive', root: scene.root });

    await expectAllArchived(scene, what);
  });
});
