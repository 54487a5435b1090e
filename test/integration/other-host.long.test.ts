import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startRedis, type RunningProcess } from '@walq/test-support';
import {
  holdBounded,
  MEBIBYTE,
  nameOf,
  newScene,
  runWalq,
  startWalq,
  statusOf,
  type Scene,
} from '../scene/index.ts';

const SEGMENTS = 4;
const left = [nameOf(SEGMENTS + 1)];

/** A worker that has the same configuration but for the place of the source, as on another machine. */
async function startElsewhere(scene: Scene, path: string): Promise<RunningProcess> {
  const config = await scene.configure('elsewhere.toml', { path });
  return holdBounded(await startWalq(['worker', '--config', config], { cwd: scene.root }));
}

async function flushedScene(redisUrl: string): Promise<Scene> {
  const scene = await newScene({ redisUrl });
  await scene.writeSegments(1, SEGMENTS + 1, 2 * MEBIBYTE);
  await scene.markFlushed(nameOf(SEGMENTS));
  return scene;
}

const noSuchDisk = [
  {
    what: 'whose directory is empty, as an unmounted one',
    code: /source-unavailable/,
    make: mkdir,
  },
  { what: 'that has no such directory', code: /source-unavailable/, make: async () => undefined },
  { what: 'whose directory is another source', code: /source-identity-mismatch/, make: makeOther },
];

test.each(noSuchDisk)(
  'a worker on a host $what leaves the jobs to one that can read the disk',
  async ({ code, make }) => {
    const redis = await startRedis();
    const scene = await flushedScene(redis.url);
    const path = join(scene.root, 'elsewhere');
    await make(path);
    const blind = await startElsewhere(scene, path);
    await blind.waitForLine(code);
    if (make === makeOther) expect(blind.stdout).toContain("the name 'orders' is taken");
    await scene.start('producer');
    const seeing = await scene.start('worker');
    await scene.untilLeft(left);

    expect(await seeing.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await blind.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(blind.stdout).not.toContain('taking archive jobs');
    expect((await statusOf(scene)).sources['orders']).toMatchObject({
      dueSegments: 0,
      quarantined: [],
    });
    expect(await scene.faultsAtTheEnd({ left })).toEqual([]);
  },
);

/** A directory with an identity of its own, and files of the same names. */
async function makeOther(path: string): Promise<void> {
  await mkdir(path);
  const other = await newScene();
  const config = await other.configure('walq.toml', { path });
  for (const number of [1, 2]) await writeFile(join(path, nameOf(number)), 'other content');
  const marked = await runWalq(['mark-flushed', 'orders', nameOf(1), '--config', config], {
    cwd: other.root,
  });
  expect(marked.code).toBe(0);
}
