/** Directories that real engines have made, and write to: no pattern is given, and nothing open is archived. */
import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { eventually, freePort, startProcess, startRedis } from '@walq/test-support';
import { ArchivedDirectory, newRoot } from './archived-directory.ts';

const run = promisify(execFile);
const MEBIBYTE = 1 << 20;

test('etcd, whose numbers are hexadecimal', async () => {
  const root = await newRoot();
  const [client, peer] = [await freePort(), await freePort()];
  const urls = [client, peer].map((port) => `http://127.0.0.1:${port}`);
  const etcd = await startProcess('etcd', [
    '--data-dir',
    join(root, 'etcd'),
    '--logger',
    'zap',
    '--listen-client-urls',
    urls[0] ?? '',
    '--advertise-client-urls',
    urls[0] ?? '',
    '--listen-peer-urls',
    urls[1] ?? '',
    '--initial-advertise-peer-urls',
    urls[1] ?? '',
    '--initial-cluster',
    `default=${urls[1]}`,
  ]);
  const put = async (bytes = MEBIBYTE): Promise<void> => {
    const [key, value] = [Buffer.from('key'), Buffer.alloc(bytes, 'x')];
    const body = JSON.stringify({ key: key.toString('base64'), value: value.toString('base64') });
    const { status } = await fetch(`${urls[0]}/v3/kv/put`, { method: 'POST', body });
    expect(status).toBe(200);
  };
  await eventually(() => put(1));
  // About 64 of the large ones fill a file: these bring a letter into the numbers behind.
  for (let index = 0; index < 8; index += 1) await put(1);
  const files = async () =>
    (await readdir(join(root, 'etcd/member/wal')))
      .filter((name) => name.endsWith('.wal'))
      .toSorted();
  const putUntil = async (count: number): Promise<string[]> => {
    for (;;) {
      const now = await files();
      if (now.length >= count) return now;
      await put();
    }
  };
  const wal = new ArchivedDirectory(root, join(root, 'etcd/member/wal'));
  expect(await wal.archive()).toEqual([]);
  const three = await putUntil(3);
  expect(three.join(' ')).toMatch(/[a-f][0-9a-f]*\.wal/);
  expect(await wal.archive()).toEqual(three.slice(0, 2));
  await putUntil(4);
  expect(await wal.archive()).toEqual(three);
  expect(await etcd.kill('SIGTERM')).toBeDefined();
  expect(await wal.changedSince()).toEqual([]);
});

test('MariaDB, whose binary logs stand among all its other files', async () => {
  const root = await newRoot();
  const data = join(root, 'data');
  const as = process.getuid?.() === 0 ? ['--user=root'] : [];
  const socket = join(root, 'sql');
  await run('mariadb-install-db', [...as, '--no-defaults', `--datadir=${data}`, '--skip-test-db']);
  const server = await startProcess('/usr/sbin/mariadbd', [
    '--no-defaults',
    ...as,
    `--datadir=${data}`,
    `--socket=${socket}`,
    '--skip-networking',
    '--log-bin=mysql-bin',
    '--server-id=1',
    `--pid-file=${join(data, 'db1.pid')}`,
  ]);
  const sql = (text: string) => run('mariadb', ['--no-defaults', `--socket=${socket}`, '-e', text]);
  await eventually(() => sql('SELECT 1'));
  await sql('CREATE DATABASE orders; CREATE TABLE orders.rows (id INT) ENGINE=InnoDB');
  const insert = () => sql('INSERT INTO orders.rows VALUES (1), (2), (3)');
  const binlogs = async () =>
    (await readdir(data)).filter((name) => /^mysql-bin\.\d+$/.test(name)).toSorted();
  for (let round = 0; round < 3; round += 1) {
    await insert();
    await sql('FLUSH BINARY LOGS');
  }
  const wal = new ArchivedDirectory(root, data);
  const sealed = (await binlogs()).slice(0, -1);
  expect(sealed.length).toBeGreaterThanOrEqual(3);
  expect(await wal.archive()).toEqual(sealed);
  await insert();
  await sql('FLUSH BINARY LOGS');
  expect(await wal.archive()).toEqual((await binlogs()).slice(0, -1));
  await insert();
  await server.kill('SIGTERM');
  expect(await wal.changedSince()).toEqual([]);
});

test('Redis, whose append-only files have a base file next to them', async () => {
  const root = await newRoot();
  const redis = await startRedis({ args: ['--dir', root, '--appendonly', 'yes'] });
  const cli = (...args: string[]) => run('redis-cli', ['-p', String(redis.port), ...args]);
  const folder = join(root, 'appendonlydir');
  const logs = async () =>
    (await readdir(folder)).filter((name) => name.endsWith('.incr.aof')).toSorted();
  for (let key = 0; key < 10; key += 1) await cli('SET', `key-${key}`, 'x'.repeat(1_000));
  const wal = new ArchivedDirectory(root, folder);
  expect(await wal.archive()).toEqual([]);
  // While the base is written, here for half a minute, the log before it and the open one are both there.
  await redis.configure('rdb-key-save-delay', '3000000');
  await cli('BGREWRITEAOF');
  await eventually(async () => expect(await logs()).toHaveLength(2));
  const sealed = (await logs()).slice(0, 1);
  expect(await wal.archive()).toEqual(sealed);
  await cli('SET', 'later', 'y');
  expect(await wal.changedSince()).toEqual([]);
  await redis.shutdown();
});

test('RocksDB and LevelDB, whose logs stand among their tables', async () => {
  const root = await newRoot();
  const rocks = join(root, 'rocks');
  const ldb = (...args: string[]) => run('ldb', [`--db=${rocks}`, ...args]);
  await ldb('--create_if_missing', 'put', 'a', '1');
  for (const key of ['b', 'c']) await ldb('put', key, '2');
  expect((await readdir(rocks)).join(' ')).toMatch(/\.log.*MANIFEST-|MANIFEST-.*\.log/s);
  expect(await new ArchivedDirectory(root, rocks).archive()).toEqual([]);

  const level = join(root, 'level');
  await mkdir(level);
  const script = `import plyvel, sys
db = plyvel.DB(sys.argv[1], create_if_missing=True, write_buffer_size=1 << 16)
for n in range(20000): db.put(b'%d' % n, b'x' * 100)
db.close()`;
  await run('/usr/bin/python3', ['-c', script, level]);
  expect((await readdir(level)).join(' ')).toMatch(/\.ldb/);
  const other = new ArchivedDirectory(await newRoot(), level);
  const logs = (await readdir(level)).filter((name) => name.endsWith('.log')).toSorted();
  expect(await other.archive()).toEqual(logs.slice(0, -1));
});
