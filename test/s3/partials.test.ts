/** Two `.partial` files of one name, and an empty history before the full one, in a bucket: every command knows both. */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { ClusterFiles, temporaryDirectory } from '@walq/test-support';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runWalq } from '../scene/index.ts';
import { startSite, type S3Site } from './server.ts';

let site: S3Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

const wal = (timeline: number, number: number): string =>
  `0000000${timeline}00000000${number.toString(16).toUpperCase().padStart(8, '0')}`;
const UNFINISHED = wal(1, 3);
const PARTIAL = `${UNFINISHED}.partial`;
const HISTORY = '00000002.history';
const EMPTY = '00000002.empty.history';
const BRANCH = '1\t0/300100\tno recovery target specified\n';

async function newServer() {
  const root = await temporaryDirectory('s3-partials');
  const cluster = await new ClusterFiles(root.at('main')).create();
  const url = site.freshUrl();
  const env = site.postgresEnv(url, cluster.dataDirectory, root.at('staging'));
  const run = (...args: string[]) => runWalq(args, { cwd: cluster.dataDirectory, env });
  const push = async (name: string, contents?: Uint8Array | string): Promise<void> => {
    await cluster.ready(name, contents);
    expect(await run('wal-push', `pg_wal/${name}`)).toMatchObject({ code: 0 });
    await cluster.done(name);
  };
  const names = async (): Promise<string[]> =>
    [...(await site.objects(url)).keys()]
      .filter((name) => /\/[0-9A-F]+\/[^/]*\.zst$/.test(name))
      .map((name) => name.replace(/^.*\//, '').replace(/\.zst$/, ''))
      .toSorted();
  return { at: root.at, cluster, run, push, names };
}

test('list, show, verify, fetch, restore and prune take each for itself', async () => {
  const { at, cluster, run, push, names } = await newServer();
  const first = cluster.segment(UNFINISHED, 'of the first');
  const second = cluster.segment(UNFINISHED, 'of the second');
  for (const number of [1, 2]) await push(wal(1, number));
  await push(PARTIAL, first);
  await push(HISTORY, '');
  await push(HISTORY, BRANCH);
  await push(PARTIAL, second);
  // Asked for again, as after a crash of the server.
  await push(PARTIAL, first);
  await push(PARTIAL, second);
  await push(HISTORY, '');
  for (const number of [3, 4, 5]) await push(wal(2, number));

  const all = await names();
  const other = all.find((name) => /^0{7}1\w{16}\.[0-9a-f]{16}\.partial$/.test(name)) ?? 'none';
  expect(all).toEqual(
    [
      wal(1, 1),
      wal(1, 2),
      PARTIAL,
      other,
      HISTORY,
      EMPTY,
      ...[3, 4, 5].map((n) => wal(2, n)),
    ].toSorted(),
  );
  const listed = (await run('list', 'main', '--json')).stdout;
  for (const name of all) expect(listed).toContain(`"${name}"`);
  for (const name of [PARTIAL, other, EMPTY]) {
    expect(await run('show', name, '--source', 'main')).toMatchObject({ code: 0 });
  }
  const verified = await run('verify', '--deep', '--json');
  expect(verified.json()).toMatchObject({ ok: true, segments: all.length, gaps: [], corrupt: [] });

  await mkdir(at('fetched'));
  const fetched = async (name: string): Promise<Buffer> => {
    const to = at('fetched', name);
    expect(await run('wal-fetch', name, to, '--ahead', '0')).toMatchObject({ code: 0 });
    return readFile(to);
  };
  expect((await fetched(PARTIAL)).equals(first)).toBe(true);
  expect((await fetched(other)).equals(second)).toBe(true);
  expect((await fetched(HISTORY)).toString()).toBe(BRANCH);
  expect(await run('restore', 'main', '--to', at('all'))).toMatchObject({ code: 0 });
  expect((await readdir(at('all'))).toSorted()).toEqual(all);

  const prune = ['prune', 'main', '--grace', '0s', '--keep-from'];
  expect(await run(...prune, wal(1, 2))).toMatchObject({ code: 0 });
  expect(await names()).toEqual(all.filter((name) => name !== wal(1, 1)));
  expect(await run(...prune, wal(2, 4))).toMatchObject({ code: 0 });
  expect(await names()).toEqual([HISTORY, EMPTY, wal(2, 4), wal(2, 5)].toSorted());
  expect(await run('verify', '--deep')).toMatchObject({ code: 0 });
});
