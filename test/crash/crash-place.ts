import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeDisk, openStore } from '@walq/wal-core/internal';
import { hiddenFiles } from '@walq/test-support';
import { expect } from 'vitest';
import { nameOf, newScene, type Scene } from '../scene/index.ts';

const TWO_DAYS_S = 2 * 24 * 60 * 60;

/** Three segments to archive, and the newest, which is never archived. */
export async function crashPlace(): Promise<Scene> {
  const scene = await newScene({});
  await scene.writeSegments(1, 4, 3_000);
  return scene;
}

/** Nothing is lost, false or twice, nothing is left to do, and what the dead left is swept. */
export async function expectAllArchived(scene: Scene, what: string): Promise<void> {
  const faults = await scene.faultsAtTheEnd({ left: [nameOf(4)] });
  await sweepOld(scene);
  const hidden = await hiddenFiles(scene.sourceFolder);
  expect({ what, faults, hidden }).toEqual({ what, faults: [], hidden: [] });
}

/** Makes what killed writers left two days old, and has the archive swept. */
async function sweepOld(scene: Scene): Promise<void> {
  const then = Date.now() / 1_000 - TWO_DAYS_S;
  for (const path of await hiddenPaths(scene)) await utimes(path, then, then);
  await openStore(scene.archive, { disk: nodeDisk }).sweep(scene.options.source);
}

async function hiddenPaths({ sourceFolder }: Scene): Promise<string[]> {
  const entries = await readdir(sourceFolder, { recursive: true, withFileTypes: true });
  const hidden = entries.filter(({ name }) => name.startsWith('.'));
  return hidden.map(({ parentPath, name }) => join(parentPath, name));
}
