/** The database's own filesystem is full, and walq stages there: only archiving can make room, and it does. */
import { randomBytes } from 'node:crypto';
import {
  mkdir,
  open,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { ClusterFiles, startRedis, temporaryDirectory } from '@walq/test-support';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mayMount, mountSmall } from '../e2e/filesystem.ts';
import { runWalq } from '../scene/index.ts';
import { startSite, type S3Site } from './server.ts';

let site: S3Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

type WalqResult = Awaited<ReturnType<typeof runWalq>>;

const MIB = 1 << 20;
const FIRST = '000000010000000000000001';
const OTHERS = ['000000010000000000000002', '000000010000000000000003', '000000010000000000000004'];

interface FullServer {
  readonly cluster: ClusterFiles;
  run(...args: string[]): Promise<WalqResult>;
  /** Anywhere else. */
  verify(): Promise<WalqResult>;
  /** Takes what room there is again. */
  fillAgain(): Promise<void>;
  /** Gives so many bytes of room back. */
  leave(bytes: number): Promise<void>;
  /** Names of staged files. */
  staged(): Promise<string[]>;
}

/** Data directory, state and staging on one filesystem without a byte of room; the first file was archived before. */
async function fullServer(env: Record<string, string> = {}): Promise<FullServer> {
  const root = await temporaryDirectory('no-room');
  await mkdir(root.at('disk'));
  await mountSmall(root.at('disk'), 16 * MIB);
  const cluster = await new ClusterFiles(root.at('disk/main')).create();
  const url = site.freshUrl();
  const all = {
    WALQ_ARCHIVE__URL: url,
    WALQ_ARCHIVE__S3__ENDPOINT: site.server.endpoint,
    WALQ_ARCHIVE__S3__STAGING: root.at('disk/staging'),
    WALQ_SOURCES__MAIN__TYPE: 'postgres',
    WALQ_SOURCES__MAIN__PATH: cluster.dataDirectory,
    WALQ_METRICS__LISTEN: 'off',
    ...env,
  };
  const run = (...args: string[]) => runWalq(args, { cwd: cluster.dataDirectory, env: all });
  const push = ['wal-push', `pg_wal/${FIRST}`];
  await cluster.ready(FIRST);
  expect(await run(...push)).toMatchObject({ code: 0 });
  await cluster.done(FIRST);
  for (const name of OTHERS) await cluster.ready(name);
  await fill(root.at('disk/filler'));
  const elsewhere = { ...all, WALQ_ARCHIVE__S3__STAGING: root.at('elsewhere') };
  return {
    cluster,
    run,
    verify: () => runWalq(['verify', '--deep'], { cwd: root.path, env: elsewhere }),
    leave: async (bytes) => {
      const { size } = await stat(root.at('disk/filler'));
      await truncate(root.at('disk/filler'), size - bytes);
    },
    fillAgain: () => fill(root.at('disk/filler-again')),
    staged: async () => {
      const names = await readdir(root.at('disk/staging'), { recursive: true });
      return names.filter((name) => /\.(tmp|kept)$/.test(name));
    },
  };
}

async function fill(path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (let bytes = MIB; bytes >= 1;) {
      const isWritten = await file.write(Buffer.alloc(bytes, 'x')).then(
        () => true,
        () => false,
      );
      if (!isWritten) bytes = Math.floor(bytes / 2);
    }
  } finally {
    await file.close();
  }
}

test.skipIf(!mayMount)('wal-push archives what PostgreSQL asks for, through memory', async () => {
  const server = await fullServer();
  for (const name of OTHERS) {
    expect(await server.run('wal-push', `pg_wal/${name}`)).toMatchObject({ code: 0 });
    await server.cluster.done(name);
  }
  expect(await server.staged()).toEqual([]);
  expect(await server.verify()).toMatchObject({ code: 0 });
  const listed = await server.run('list', '--json');
  for (const name of OTHERS) expect(listed.stdout).toContain(name);

  const checked = await server.run('check', '--no-switch');
  expect(checked.stdout).toMatch(/warning .*staging .* filesystem of source main/);
  expect(checked.stdout).toContain('archive.s3.staging');
});

test.skipIf(!mayMount)('a worker drains it too, and PostgreSQL then has its answers', async () => {
  const redis = await startRedis();
  const server = await fullServer({ WALQ_REDIS__URL: redis.url });
  expect(await server.run('worker', '--until-empty')).toMatchObject({ code: 0 });
  expect(await server.staged()).toEqual([]);
  for (const name of OTHERS) {
    expect(await server.run('wal-push', `pg_wal/${name}`)).toMatchObject({ code: 0 });
    await server.cluster.done(name);
  }
  expect(await server.verify()).toMatchObject({ code: 0 });
});

test.skipIf(!mayMount)('a file is fetched while the staging directory has no room', async () => {
  const server = await fullServer();
  await unlink(server.cluster.walPath(FIRST));
  await server.fillAgain();
  const destination = await temporaryDirectory('fetched');
  const at = destination.at(FIRST);
  expect(await server.run('wal-fetch', FIRST, at, '--ahead', '0')).toMatchObject({ code: 0 });
  expect((await readFile(at)).equals(server.cluster.segment(FIRST))).toBe(true);
  await rm(at);
});

test.skipIf(!mayMount)('room that ends in the middle of a segment is as good as none', async () => {
  const server = await fullServer();
  const [name = ''] = OTHERS;
  await unlink(server.cluster.walPath(FIRST));
  await server.fillAgain();
  // Of the same length, and nothing that compresses; then room for a part of it.
  const segment = server.cluster.segment(name);
  randomBytes(segment.length - 8192).copy(segment, 8192);
  await writeFile(server.cluster.walPath(name), segment, { flag: 'r+' });
  await server.leave(300_000);
  expect(await server.run('wal-push', `pg_wal/${name}`)).toMatchObject({ code: 0 });
  expect(await server.staged()).toEqual([]);
  const destination = await temporaryDirectory('fetched');
  const at = destination.at(name);
  expect(await server.run('wal-fetch', name, at, '--ahead', '0')).toMatchObject({ code: 0 });
  expect((await readFile(at)).equals(segment)).toBe(true);
  expect(await server.staged()).toEqual([]);
});
