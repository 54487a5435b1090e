import { mkdir, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually, sameContent, visibleObjects } from '@walq/test-support';
import { MEBIBYTE, nameOf, namesOf, newScene, startWalq, type Scene } from '../scene/index.ts';
import { mayMount, mountSmall } from './filesystem.ts';

async function archivedScene(count: number, bytes: number): Promise<Scene> {
  const scene = await newScene();
  await scene.writeSegments(1, count + 1, bytes);
  const pattern = ['--pattern', '^wal-(?<number>\\d+)\\.bin$'];
  const args = ['archive', 'wal', '--to', 'archive', '--source', 'orders', '--level', '1'];
  expect(await scene.walq(...args, ...pattern)).toMatchObject({ code: 0 });
  return scene;
}

const args = ['restore', 'orders', '--archive', 'archive', '--to', 'back', '--json'];

test('killed in the middle, a restore resumes where it was, and leaves nothing behind', async () => {
  const scene = await archivedScene(24, 8 * MEBIBYTE);
  const back = join(scene.root, 'back');
  const running = await startWalq([...args, '--concurrency', '1'], { cwd: scene.root });
  await eventually(async () => {
    const there = await readdir(back);
    expect(there.some((name) => name.startsWith('wal-'))).toBe(true);
    expect(there.some((name) => name.endsWith('.tmp'))).toBe(true);
  });
  await running.kill();
  const left = (await readdir(back)).filter((name) => name.startsWith('wal-')).length;
  expect(left).toBeLessThan(24);

  const resumed = await scene.walq(...args);
  expect(resumed).toMatchObject({ code: 0, stderr: '' });
  expect(resumed.json()).toMatchObject({ segments: 24, present: left, gaps: [] });
  expect((await readdir(back)).toSorted()).toEqual(namesOf(1, 24));
  for (const name of namesOf(1, 24)) {
    expect(await sameContent(join(scene.originals, name), join(back, name))).toBe(true);
  }
});

test('an empty segment is listed, verified to its last byte and restored as one', async () => {
  const scene = await newScene();
  await scene.writeSegments(1, 4, 10_000);
  await truncate(join(scene.source, nameOf(2)), 0);
  const archived = await scene.walq('archive', 'wal', '--to', 'archive', '--source', 'orders');
  expect(archived).toMatchObject({ code: 0, stderr: '' });
  const at = ['orders', '--archive', 'archive', '--json'];
  expect((await scene.walq('show', nameOf(2), ...at.slice(1))).json()).toMatchObject({ bytes: 0 });
  expect((await scene.walq('list', ...at)).stdout).toContain(nameOf(2));
  const verified = await scene.walq('verify', '--deep', ...at);
  expect(verified.json()).toMatchObject({ ok: true, segments: 3, corrupt: [] });
  expect(await scene.walq(...args)).toMatchObject({ code: 0 });
  expect(await readFile(join(scene.root, 'back', nameOf(2)))).toHaveLength(0);
});

test('a missing segment is named with exit code 1, and the others come with --allow-gaps', async () => {
  const scene = await archivedScene(3, 10_000);
  const [, second] = await visibleObjects(scene.sourceFolder);
  await rm(second?.path ?? '');
  const refused = await scene.walq(...args);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(JSON.parse(refused.stderr)).toMatchObject({
    error: { code: 'object-missing', message: expect.stringContaining(nameOf(3)) as string },
  });
  const others = await scene.walq(...args, '--allow-gaps');
  expect(others.code).toBe(0);
  expect(others.json()).toMatchObject({ segments: 2, gaps: [{ missing: 1 }] });
});

test.skipIf(!mayMount)(
  'a destination that is too small is refused with figures, before anything is written',
  async () => {
    const scene = await archivedScene(3, 2 * MEBIBYTE);
    const small = join(scene.root, 'small');
    await mkdir(small);
    await mountSmall(small, 3 * MEBIBYTE);
    const refused = await scene.walq(...args, '--to', 'small');
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stderr)).toMatchObject({
      error: {
        code: 'destination-full',
        message: expect.stringMatching(/6\.3 MB.*3\.\d MB/) as string,
      },
    });
    expect(await readdir(small)).toEqual([]);
    const part = await scene.walq(...args, '--to', 'small', '--until', nameOf(1));
    expect(part.code).toBe(0);
    expect((await readFile(join(small, nameOf(1)))).length).toBe(2 * MEBIBYTE);
  },
);

test.each([
  '--from wal-000001.bin --timeline 2',
  '--from-lsn nonsense',
  '--from-lsn 0/5000000 --until-lsn 0/4000000',
  '--timeline yesterday',
  '--timeline latest',
])('restore %s is wrong usage for a source that is none of PostgreSQL’s', async (line) => {
  const scene = await archivedScene(1, 1_000);
  const result = await scene.walq(...args, ...line.split(' '));
  expect(result).toMatchObject({ code: 2, stdout: '' });
});
