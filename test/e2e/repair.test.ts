import { startRedis, eventually } from '@walq/test-support';
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nameOf, namesOf, newScene, statusOf, type Scene } from '../scene/index.ts';

interface Outlook {
  readonly sources: Readonly<
    Record<string, { readonly quarantined: readonly { segment: string; code: string }[] }>
  >;
}

/** The quarantine that `walq repair` lists, once it has `count` segments. */
const quarantined = (scene: Scene, count: number) =>
  eventually(async () => {
    const { sources } = (await scene.walq('repair', '--json')).json() as Outlook;
    const found = sources['orders']?.quarantined.map(({ segment, code }) => [segment, code]);
    expect(found).toHaveLength(count);
    return found;
  });

test('quarantined segments are listed, repaired while the roles run, archived and deleted on receipt', async () => {
  const redis = await startRedis();
  const scene = await newScene({ redisUrl: redis.url });
  await scene.writeSegments(1, 8, 50_000);
  const shard = join(scene.sourceFolder, '00000000');
  await mkdir(shard, { recursive: true });
  await writeFile(join(shard, `${nameOf(2)}.zst`), 'of another program');
  // A sound object of other content under the name of segment 4: a duplicate.
  await otherContent(scene, nameOf(4));
  await scene.markFlushed(nameOf(7));
  const producer = await scene.start('producer');
  const worker = await scene.start('worker');
  await producer.waitForLine(/producer ready/);
  await worker.waitForLine(/worker ready/);
  expect((await quarantined(scene, 2))?.toSorted()).toEqual([
    [nameOf(2), 'object-foreign'],
    [nameOf(4), 'duplicate'],
  ]);
  await scene.untilLeft([nameOf(2), nameOf(4), nameOf(8)]);

  const replaced = await scene.walq('repair', '--replace-corrupt', nameOf(2), '--json');
  expect(replaced).toMatchObject({ code: 0, stderr: '' });
  const [{ aside = '' } = {}] = (replaced.json() as { replaced: { aside?: string }[] }).replaced;
  expect(await readFile(join(scene.archive, aside), 'utf8')).toBe('of another program');
  await scene.untilLeft([nameOf(4), nameOf(8)]);

  const duplicate = await scene.walq('repair', '--replace-corrupt', nameOf(4));
  expect(duplicate.code).toBe(1);
  expect(duplicate.stderr).toContain('code: duplicate');
  await rename(join(shard, `${nameOf(4)}.zst`), join(scene.root, 'the-wrong-one.zst'));
  expect((await scene.walq('repair', '--release', nameOf(4))).code).toBe(0);
  await scene.untilLeft([nameOf(8)]);

  const { sources } = await statusOf(scene);
  expect(sources['orders']).toMatchObject({ dueSegments: 0, quarantined: [], gaps: [] });
  expect((await scene.walq('verify', '--deep')).code).toBe(0);
  expect((await scene.archived()).toSorted()).toEqual(namesOf(1, 7));
  expect(await scene.faultsAtTheEnd({ left: [nameOf(8)] })).toEqual([]);
});

/** Archived by walq from another directory under the same source's name. */
async function otherContent(scene: Scene, name: string): Promise<void> {
  await scene.walq('mark-flushed', 'orders', nameOf(1));
  const other = join(scene.root, 'other');
  await mkdir(other);
  await writeFile(join(other, name), 'other content '.repeat(1_000));
  await writeFile(join(other, nameOf(5)), 'newest');
  const args = ['archive', 'other', '--to', 'elsewhere', '--source', 'orders'];
  expect((await scene.walq(...args)).code).toBe(0);
  const from = join(scene.root, 'elsewhere/orders/00000000', `${name}.zst`);
  execFileSync('cp', [from, join(scene.sourceFolder, '00000000', `${name}.zst`)]);
}
