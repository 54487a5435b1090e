import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startRedis, temporaryDirectory, ClusterFiles } from '@walq/test-support';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nameOf, namesOf, runWalq } from '../scene/index.ts';
import { newS3Scene } from './s3-scene.ts';
import { startSite, type S3Site } from './server.ts';

let site: S3Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

const LAST = 12;

test('what was archived to S3 by workers is listed, shown, verified and restored by commands', async () => {
  const redis = await startRedis();
  const { scene, url, mirror } = await newS3Scene({ site, redisUrl: redis.url });
  await scene.writeSegments(1, LAST, 200_000);
  await scene.markFlushed(nameOf(LAST - 1));
  const checked = await scene.walq('check', '--json');
  expect(checked.json()).toMatchObject({ ok: true });
  expect(checked.stdout).toContain('can be listed and written, and does not replace objects');
  const producer = await scene.start('producer');
  const worker = await scene.start('worker');
  await scene.untilLeft([nameOf(LAST)]);
  for (const role of [producer, worker]) {
    expect(await role.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  }
  await mirror();
  expect(await scene.faultsAtTheEnd({ left: [nameOf(LAST)] })).toEqual([]);

  const listed = await scene.walq('list', '--json');
  expect(listed.stderr).toBe('');
  expect(listed.stdout).toContain(nameOf(LAST - 1));
  const env = { WALQ_ARCHIVE__S3__ENDPOINT: site.server.endpoint };
  const elsewhere = await temporaryDirectory('elsewhere');
  const run = (...args: string[]) =>
    runWalq([...args, '--archive', url], { cwd: elsewhere.path, env });
  const shown = await run('show', nameOf(3), '--json');
  expect(shown.json()).toMatchObject({ segment: nameOf(3), bytes: 200_000 });
  expect(await run('verify', '--deep', '--json')).toMatchObject({ code: 0, stderr: '' });
  const restored = await run('restore', 'orders', '--to', elsewhere.at('restored'));
  expect(restored).toMatchObject({ code: 0 });
  expect((await readdir(elsewhere.at('restored'))).toSorted()).toEqual(namesOf(1, LAST - 1));
  for (const name of namesOf(1, LAST - 1)) {
    const original = await readFile(join(scene.originals, name));
    expect(original.equals(await readFile(elsewhere.at('restored', name)))).toBe(true);
  }
  // Nothing stays behind of what was uploaded and downloaded.
  for (const root of [scene.root, elsewhere.path]) {
    const staged = await readdir(join(root, 'state/walq/staging'), { recursive: true });
    expect(staged.filter((name) => /\.(tmp|kept)$/.test(name))).toEqual([]);
  }
  for (const { stdout, stderr } of [worker, producer, checked, restored]) {
    expect(stdout + stderr).not.toContain('walq-test-secret');
  }
});

test('walq archive needs no Redis, and says what is there already', async () => {
  const { scene, url, mirror, archived } = await newS3Scene({ site });
  await scene.writeSegments(1, 4, 50_000);
  const args = ['archive', scene.source, '--to', url, '--source', 'orders', '--json'];
  expect((await scene.walq(...args)).json()).toMatchObject({ successCount: 3, filesCount: 3 });
  await mirror();
  expect(await scene.faultsAtAnyTime()).toEqual([]);
  expect(await archived()).toHaveLength(3);
  expect((await scene.walq(...args)).json()).toMatchObject({ filesCount: 0 });
});

test('PostgreSQL pushes its WAL to S3 and gets it back', async () => {
  const root = await temporaryDirectory('postgres');
  const cluster = await new ClusterFiles(root.at('main')).create();
  const url = site.freshUrl();
  const env = {
    WALQ_ARCHIVE__URL: url,
    WALQ_ARCHIVE__S3__ENDPOINT: site.server.endpoint,
    WALQ_SOURCES__MAIN__TYPE: 'postgres',
    WALQ_SOURCES__MAIN__PATH: cluster.dataDirectory,
  };
  const names = ['000000010000000000000001', '000000010000000000000002'];
  const empty = '000000010000000000000001.00000028.backup';
  const run = (...args: string[]) => runWalq(args, { cwd: cluster.dataDirectory, env });
  // Without fetching ahead, whose process outlives the command.
  const fetch = (name: string) => run('wal-fetch', name, 'pg_wal/RECOVERYXLOG', '--ahead', '0');
  for (const name of names) {
    await cluster.ready(name);
    expect(await run('wal-push', `pg_wal/${name}`)).toMatchObject({ code: 0 });
    await cluster.done(name);
  }
  for (const name of names) {
    await rm(cluster.walPath(name));
    expect(await fetch(name)).toMatchObject({ code: 0 });
    const fetched = await readFile(cluster.walPath('RECOVERYXLOG'));
    expect(fetched.equals(cluster.segment(name))).toBe(true);
    await rm(cluster.walPath('RECOVERYXLOG'));
  }
  await cluster.ready(empty, '');
  expect(await run('wal-push', `pg_wal/${empty}`)).toMatchObject({ code: 0 });
  expect(await fetch(empty)).toMatchObject({ code: 0 });
  expect(await readFile(cluster.walPath('RECOVERYXLOG'))).toHaveLength(0);
  expect(await run('verify', '--deep')).toMatchObject({ code: 0 });
  expect(await fetch('000000010000000000000009')).toMatchObject({ code: 1 });
  const [, last = ''] = names;
  const hole = '000000010000000000000003';
  const later = '000000010000000000000004';
  await cluster.ready(later);
  expect(await run('wal-push', `pg_wal/${later}`)).toMatchObject({ code: 0 });
  const missing = await run('wal-fetch', hole, 'pg_wal/RECOVERYXLOG', '--timeout', '2s');
  expect(missing.code).toBe(200);
  expect(missing.stderr).toContain(`${hole} is missing between ${last} and ${later}`);
});
