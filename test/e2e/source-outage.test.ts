import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startRedis } from '@walq/test-support';
import { nameOf, namesOf, newScene, runWalq, statusOf, type Scene } from '../scene/index.ts';

const SEGMENTS = 4;
const newest = nameOf(SEGMENTS + 1);

async function flushedScene(pattern?: string): Promise<Scene> {
  const redis = await startRedis();
  const scene = await newScene({ redisUrl: redis.url, ...(pattern && { pattern }) });
  await scene.writeSegments(1, SEGMENTS + 1, 50_000);
  await scene.markFlushed(nameOf(SEGMENTS));
  return scene;
}

test('a source that is not mounted is one line of each role, and is gone on with once it is', async () => {
  const scene = await flushedScene();
  await rename(scene.source, `${scene.source}.away`);
  await mkdir(scene.source);
  const producer = await scene.start('producer');
  const worker = await scene.start('worker');
  for (const role of [producer, worker]) await role.waitForLine(/source-unavailable/);
  const status = await scene.walq('status', '--json');
  expect(status.code).toBe(1);
  expect(status.json()).toMatchObject({
    sources: { orders: { problem: { code: 'source-unavailable' } } },
  });
  expect(await scene.sourceNames()).toEqual([]);

  await rm(scene.source, { recursive: true });
  await rename(`${scene.source}.away`, scene.source);
  await scene.untilLeft([newest]);
  for (const role of [producer, worker]) {
    expect(await role.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(role.stdout.match(/"level":[456]0/g)).toHaveLength(1);
  }
  expect(await scene.faultsAtTheEnd({ left: [newest] })).toEqual([]);
});

test('two directories under one source name: the second is refused, and neither is touched', async () => {
  const scene = await flushedScene();
  await scene.walq('worker', '--until-empty');
  const path = join(scene.root, 'other');
  await mkdir(path);
  for (const name of namesOf(1, 3)) await writeFile(join(path, name), 'other content');
  const elsewhere = join(scene.root, 'elsewhere');
  await mkdir(elsewhere);
  const own = await scene.configure('own.toml', { path, archive: elsewhere });
  const at = { cwd: scene.root };
  expect(await runWalq(['mark-flushed', 'orders', nameOf(2), '--config', own], at)).toMatchObject({
    code: 0,
  });

  const config = await scene.configure('other.toml', { path });
  for (const command of [['check'], ['status'], ['worker', '--until-empty']]) {
    const { code, stdout, stderr } = await runWalq([...command, '--config', config], at);
    expect({ command, code }).toEqual({ command, code: 1 });
    expect(stdout + stderr).toContain("the name 'orders' is taken");
    expect(stdout + stderr).toContain('Rename [sources.orders]');
  }
  expect(await readFile(join(path, nameOf(1)), 'utf8')).toBe('other content');
  expect(await scene.faultsAtTheEnd({ left: [newest] })).toEqual([]);
});

test('a watermark beyond everything there is stops the source, and nothing is archived', async () => {
  const scene = await flushedScene();
  const path = join(scene.source, '.walq/watermark.json');
  const watermark = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(path, JSON.stringify({ ...watermark, segment: nameOf(99) }));
  const { code, stderr } = await scene.walq('worker', '--until-empty');
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^walq: source 'orders' is stopped: the watermark.*\n {2}hint: .*\n {2}code: source-reset/,
  );
  expect(await scene.sourceNames()).toEqual(namesOf(1, SEGMENTS + 1));
  expect(await scene.archived()).toEqual([]);

  await writeFile(path, JSON.stringify(watermark));
  expect((await scene.walq('worker', '--until-empty')).code).toBe(0);
  expect(await scene.faultsAtTheEnd({ left: [newest] })).toEqual([]);
});

test('names that lead out of the source, or into no archive, stop nothing else', async () => {
  // Without anchors, so that the pattern alone would take any path.
  const scene = await flushedScene('wal-(?<number>\\d+)\\.bin');
  const outside = join(scene.root, nameOf(1));
  await writeFile(outside, 'no segment of this source');
  for (const name of [`../${nameOf(1)}`, `x/${nameOf(1)}`, `${nameOf(1)}\n`]) {
    expect((await scene.walq('mark-flushed', 'orders', name)).code).not.toBe(0);
  }
  const long = `wal-${'0'.repeat(243)}2.bin`;
  await writeFile(join(scene.source, long), 'a name that fits into no archive');
  expect((await scene.walq('worker', '--until-empty')).code).toBe(1);
  expect((await statusOf(scene)).sources['orders']?.quarantined).toEqual([
    {
      segment: long,
      code: 'segment-name-refused',
      message: expect.stringContaining('the limit is 255') as string,
    },
  ]);
  expect(await readFile(outside, 'utf8')).toBe('no segment of this source');
  await rm(join(scene.source, long));
  expect(await scene.faultsAtTheEnd({ left: [newest] })).toEqual([]);
});
