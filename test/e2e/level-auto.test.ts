import { AUTO_LEVELS } from '@walq/wal-core/internal';
import { startRedis } from '@walq/test-support';
import { expect, test } from 'vitest';
import { MEBIBYTE, nameOf, namesOf, newScene, statusOf, type Scene } from '../scene/index.ts';

/** By the manifests. */
async function levelsOf(scene: Scene, names: readonly string[]): Promise<(number | undefined)[]> {
  const shown = names.map(async (name) => {
    const { json } = await scene.walq('show', name, '--json');
    return (json() as { manifest: { level: number } }).manifest.level;
  });
  return Promise.all(shown);
}

test('a worker chooses a level and logs it, and status reads it from the archive', async () => {
  const redis = await startRedis();
  const scene = await newScene({ redisUrl: redis.url, level: 'auto' });
  await scene.writeSegments(1, 4, MEBIBYTE);
  await scene.markFlushed(nameOf(3));
  await scene.start('producer');
  const worker = await scene.start('worker', '--concurrency', '2');
  await worker.waitForLine(/"source":"orders","level":\d,"before":null,.*compression level chosen/);
  await scene.untilLeft([nameOf(4)]);
  await worker.kill('SIGTERM');
  const levels = await levelsOf(scene, namesOf(1, 3));
  const [level] = levels;
  expect(AUTO_LEVELS).toContain(level);
  expect(levels).toEqual([level, level, level]);
  const { sources } = await statusOf(scene);
  expect(sources['orders']?.level).toEqual({ configured: 'auto', recent: [level] });
  expect((await scene.walq('status')).stdout).toContain(
    `level      orders: auto, currently ${level}`,
  );
  expect(await scene.faultsAtTheEnd({ left: [nameOf(4)] })).toEqual([]);
});

test('status says so while nothing is archived, and what was used before', async () => {
  const scene = await newScene({ level: 'auto' });
  await scene.writeSegments(1, 3, 100_000);
  await scene.markFlushed(nameOf(2));
  expect((await scene.walq('status')).stdout).toContain(
    'level      orders: auto, nothing archived yet',
  );
  const archive = async (upTo: string, level: string) => {
    const place = ['wal', '--to', 'archive', '--source', 'orders', '--up-to', upTo];
    const pattern = ['--pattern', scene.options.pattern ?? '^wal-(?<number>\\d+)\\.bin$'];
    const { code, stderr } = await scene.walq('archive', ...place, ...pattern, '--level', level);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  };
  await archive(nameOf(1), '9');
  await archive(nameOf(2), '8');
  expect((await scene.walq('status')).stdout).toContain(
    'level      orders: auto, currently 8 (was 9)',
  );
});

test('walq archive --level takes auto, and names both where it takes something not', async () => {
  const scene = await newScene({});
  await scene.writeSegments(1, 3, 100_000);
  const args = ['archive', 'wal', '--to', 'archive', '--source', 'orders'];
  const refused = await scene.walq(...args, '--level', '20');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('Expected an integer from 1 to 19, or auto.');
  expect(await scene.walq(...args, '--level', 'auto')).toMatchObject({ code: 0, stderr: '' });
  const [one, two] = await levelsOf(scene, namesOf(1, 2));
  expect(AUTO_LEVELS).toContain(one);
  expect(two).toBe(one);
});
