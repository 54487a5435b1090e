import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sameContent } from '@walq/test-support';
import { expect, test } from 'vitest';
import { nameOf, type Scene } from '../scene/index.ts';
import { crashPlace } from './crash-place.ts';
import { crashPointsOf, crashRun, finishedRun, forEachFew } from './crash-run.ts';

const NAMES = [1, 2, 3].map(nameOf);

async function archivedPlace(): Promise<Scene> {
  const scene = await crashPlace();
  await finishedRun({ part: 'archive', root: scene.root });
  return scene;
}

/** Names of what is there and differs from what was archived. */
async function wrongAt(scene: Scene, directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  const visible = names.filter((name) => !name.startsWith('.'));
  const same = await Promise.all(
    visible.map((name) => sameContent(join(directory, name), join(scene.originals, name))),
  );
  return visible.filter((_, at) => same[at] !== true);
}

test('killed before any change to the disk while it restores: no file is partial, and the next run ends it', async () => {
  const points = await crashPointsOf({ part: 'restore', root: (await archivedPlace()).root });
  expect(points.length).toBeGreaterThan(10);
  await forEachFew(points, async ({ killAt, before }) => {
    const scene = await archivedPlace();
    const run = { part: 'restore', root: scene.root };
    const restored = join(scene.root, 'restored/here');
    const killed = await crashRun({ ...run, killAt });
    expect({ before, signal: (await killed.exit).signal }).toEqual({ before, signal: 'SIGKILL' });
    expect({ before, wrong: await wrongAt(scene, restored) }).toEqual({ before, wrong: [] });

    await finishedRun(run);

    const there = (await readdir(restored)).toSorted();
    const wrong = await wrongAt(scene, restored);
    expect({ before, there, wrong }).toEqual({ before, there: NAMES, wrong: [] });
  });
});
