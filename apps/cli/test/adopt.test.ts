import { writeFile } from 'node:fs/promises';
import { ClusterFiles, temporaryDirectory } from '@walq/test-support';
import { expect, test } from 'vitest';
import { newPostgresScene, type PostgresScene } from './postgres-scene.ts';
import { walq } from './walq.ts';

const FIRST = '000000010000000000000001';
const SECOND = '000000010000000000000002';

/** Another data directory whose configuration names the same source and archive. */
async function second(scene: PostgresScene, systemIdentifier?: bigint) {
  const options = systemIdentifier === undefined ? {} : { systemIdentifier };
  const cluster = await new ClusterFiles(scene.at('second'), options).create();
  const config = scene.at('second.toml');
  await writeFile(
    config,
    `[archive]\nurl = "archive"\n[sources.main]\ntype = "postgres"\npath = "second"\n`,
  );
  await cluster.ready(SECOND);
  const path = cluster.walPath(SECOND);
  return {
    push: () => scene.call(['wal-push', path, '--config', config]),
    check: async () => (await scene.call(['check', '--config', config, '--json'])).stdout,
    adopt: (...args: string[]) =>
      walq(['adopt', 'main', '--config', config, ...args], { cwd: cluster.dataDirectory }),
  };
}

test('a clone is refused, and archives once it is admitted', async () => {
  const scene = await newPostgresScene();
  await scene.cluster.ready(FIRST);
  expect((await scene.push(FIRST)).code).toBe(0);
  const clone = await second(scene);
  const refused = await clone.push();
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr).toContain('walq adopt main');
  expect(await clone.check()).toContain('instance-not-admitted');
  const adopted = await clone.adopt();
  expect(adopted).toMatchObject({ code: 0, stderr: '' });
  expect(adopted.stdout).toContain("may archive as 'main'");
  expect((await clone.adopt()).code).toBe(0);
  expect(await clone.check()).not.toContain('instance-not-admitted');
  expect((await clone.push()).code).toBe(0);
});

test('another cluster is admitted by its system identifier alone', async () => {
  const scene = await newPostgresScene();
  await scene.cluster.ready(FIRST);
  expect((await scene.push(FIRST)).code).toBe(0);
  const other = await second(scene, 42n);
  expect((await other.push()).code).toBe(1);
  const refused = await other.adopt();
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr).toContain('--system-identifier 42');
  expect((await other.adopt('--system-identifier', '42')).code).toBe(0);
  expect((await other.push()).code).toBe(0);
});

test('warns if it runs in another data directory than the one that it admits', async () => {
  const scene = await newPostgresScene();
  await scene.cluster.ready(FIRST);
  expect((await scene.push(FIRST)).code).toBe(0);
  const restored = await temporaryDirectory('restored');
  await writeFile(restored.at('PG_VERSION'), '15\n');
  const args = ['adopt', 'main', '--config', scene.config];
  const elsewhere = await walq(args, { cwd: restored.path });
  expect(elsewhere.code).toBe(0);
  expect(elsewhere.stderr).toContain(
    `this command admits ${scene.cluster.dataDirectory}, the path of [sources.main], and not the data directory that it runs in, ${restored.path}`,
  );
  const there = await walq(args, { cwd: scene.cluster.dataDirectory });
  expect(there).toMatchObject({ code: 0, stderr: '' });
});

test('mark-flushed does not apply to it', async () => {
  const scene = await newPostgresScene();
  const refused = await scene.call(['mark-flushed', 'main', FIRST, '--config', scene.config]);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('PostgreSQL marks its files itself: archive_status/*.ready');
});

test('the first instance needs no admission, and the message says so', async () => {
  const scene = await newPostgresScene();
  const result = await scene.call(['adopt', 'main', '--config', scene.config]);
  expect(result).toMatchObject({ code: 1 });
  expect(result.stderr).toContain('needs no admission');
});
