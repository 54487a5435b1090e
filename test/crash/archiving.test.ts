import { expect, test } from 'vitest';
import { crashPlace, expectAllArchived } from './crash-place.ts';
import { crashPointsOf, crashRun, finishedRun, forEachFew, type CrashPoint } from './crash-run.ts';

const pointsOfArchiving = async (): Promise<CrashPoint[]> =>
  crashPointsOf({ part: 'archive', root: (await crashPlace()).root });

test('killed before any change to the disk while three segments are archived: the next process ends the work', async () => {
  const points = await pointsOfArchiving();
  expect(points.length).toBeGreaterThan(30);
  await forEachFew(points, async ({ killAt, before }) => {
    const what = `killed before ${before}, call ${killAt}`;
    const scene = await crashPlace();
    const run = { part: 'archive', root: scene.root };
    const killed = await crashRun({ ...run, killAt });
    expect({ what, signal: (await killed.exit).signal }).toEqual({ what, signal: 'SIGKILL' });
    expect({ what, faults: await scene.faultsAtAnyTime() }).toEqual({ what, faults: [] });

    await finishedRun(run);

    await expectAllArchived(scene, what);
  });
});

test('killed while a twin archives the same segments: nothing is lost, wrong or duplicated', async () => {
  await forEachFew(await pointsOfArchiving(), async ({ killAt, before }) => {
    const what = `killed next to a twin before ${before}, call ${killAt}`;
    const scene = await crashPlace();
    const run = { part: 'archive', root: scene.root };
    await Promise.all([crashRun(run), crashRun({ ...run, killAt })]);
    expect({ what, faults: await scene.faultsAtAnyTime() }).toEqual({ what, faults: [] });

    await finishedRun(run);

    await expectAllArchived(scene, what);
  });
});
