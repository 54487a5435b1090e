import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { temporaryDirectory } from '@walq/test-support';
import {
  compareSegments,
  namingLike,
  nodeDisk,
  recogniseNaming,
  scanSource,
  type Source,
} from '@walq/wal-core/internal';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aSource } from './a-source.ts';

async function withFiles(names: readonly string[]): Promise<string> {
  const { path } = await temporaryDirectory('names');
  for (const name of names) await writeFile(join(path, name), 'x');
  return path;
}

const sourceAt = (directory: string) => ({ name: 'orders', directory });

/** Of the files of a directory: the names of its segments, in order. */
async function segmentsOf(directory: string): Promise<string[] | undefined> {
  const found = await recogniseNaming(nodeDisk, sourceAt(directory));
  if (found === undefined) return undefined;
  const source: Source = {
    ...(await aSource()),
    directory,
    naming: found.naming,
    sealedRule: { kind: 'skip-newest', count: 1 },
  };
  const { lowest } = await scanSource(nodeDisk, source, { lowestMax: 1_000, highestMax: 0 });
  return lowest.map(({ name }) => name);
}

const recognised = async (names: readonly string[]) => segmentsOf(await withFiles(names));

/** Names as the engines write them, the segments first and in order. */
const engines: readonly [string, readonly string[], readonly string[]][] = [
  [
    'etcd',
    [
      '0000000000000000-0000000000000000.wal',
      '0000000000000009-000000000000f3a9.wal',
      '000000000000000a-0000000000010a01.wal',
      '000000000000001f-0000000000020001.wal',
    ],
    ['0.tmp', '1.tmp', '0000000000000001-0000000000000001.wal.broken'],
  ],
  [
    'Kafka',
    [
      '00000000000000000000.index',
      '00000000000000000000.log',
      '00000000000000000000.timeindex',
      '00000000000000035001.index',
      '00000000000000035001.log',
      '00000000000000035001.timeindex',
    ],
    [
      '00000000000000035001.snapshot',
      '00000000000000041234.snapshot',
      '00000000000000000000.log.deleted',
      'leader-epoch-checkpoint',
      'partition.metadata',
    ],
  ],
  [
    'RocksDB',
    ['000004.log', '000021.log', '1000003.log'],
    [
      '000019.sst',
      'MANIFEST-000005',
      'OPTIONS-000007',
      'CURRENT',
      'IDENTITY',
      'LOCK',
      'LOG',
      'LOG.old.1700000000000000',
    ],
  ],
  [
    'LevelDB',
    ['000003.log'],
    ['000005.ldb', 'MANIFEST-000002', 'CURRENT', 'LOCK', 'LOG', 'LOG.old'],
  ],
  [
    'WiredTiger',
    ['WiredTigerLog.0000000001', 'WiredTigerLog.0000000010'],
    [
      'WiredTigerPreplog.0000000001',
      'WiredTigerTmplog.0000000002',
      'WiredTiger.wt',
      'collection-0--123456789.wt',
    ],
  ],
  [
    'MariaDB',
    ['mysql-bin.000001', 'mysql-bin.000002', 'mysql-bin.1000000'],
    [
      'mysql-bin.index',
      'mysql-bin.state',
      'ib_logfile0',
      'ibdata1',
      'ibtmp1',
      'undo001',
      'aria_log.00000001',
      'aria_log_control',
      'db1-relay-bin.000002',
      'db1-relay-bin.index',
      'db1.pid',
      'debian-10.11.flag',
    ],
  ],
  [
    'MySQL',
    ['binlog.000001', 'binlog.000002'],
    ['binlog.index', 'undo_001', '#ib_16384_0.dblwr', '#ib_16384_1.dblwr', 'ibdata1'],
  ],
  [
    'Redis',
    ['appendonly.aof.1.incr.aof', 'appendonly.aof.2.incr.aof', 'appendonly.aof.10.incr.aof'],
    ['appendonly.aof.9.base.rdb', 'appendonly.aof.manifest', 'temp-rewriteaof-bg-123.aof'],
  ],
  [
    'PostgreSQL, a copy of whose WAL',
    ['000000010000000000000009', '00000001000000000000000A', '0000000200000000000000FF'],
    [
      '00000002.history',
      '0000000200000000000000FF.partial',
      '00000001000000000000000A.00000028.backup',
    ],
  ],
  ['walq itself', ['00000000000000000009.wal', '00000000000000000010.wal'], []],
  ['Prometheus', ['00000004', '00000005'], []],
  ['NATS', ['8.blk', '9.blk', '10.blk', '101.blk'], ['index.db']],
];

describe('the files of an engine', () => {
  it.each(engines)('%s', async (_, segments, others) => {
    expect(await recognised([...others, ...segments.toReversed()])).toEqual(segments);
  });
});

describe('names of one family', () => {
  it('are ordered by their numbers, in either base', async () => {
    const widths = fc.constantFrom(0, 4, 8, 16);
    const base = fc.constantFrom(10, 16);
    const numbers = fc.uniqueArray(fc.nat(70_000), { minLength: 2, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(numbers, widths, base, async (list, width, radix) => {
        const sorted = list.toSorted((a, b) => a - b);
        const names = sorted.map((n) => `seg-${n.toString(radix).padStart(width, '0')}.bin`);
        const numbered = names.filter((name) => /\d/.test(name));
        const found = await recogniseNaming(diskWith(numbered), sourceAt('/nowhere'));
        const inOrder = numbered
          .flatMap((name) => found?.naming.parse(name) ?? [])
          .toSorted(compareSegments);
        expect(inOrder.map(({ name }) => name)).toEqual(numbered);
      }),
    );
  });

  it('may be written with a prefix for the base', async () => {
    const names = ['wal_0x09', 'wal_0x0a', 'wal_0x10'];
    expect(await recognised(names)).toEqual(names);
  });

  it('may have dates without separators', async () => {
    const names = ['wal-20261130.log', 'wal-20261201.log'];
    expect(await recognised(['wal.log', ...names])).toEqual(names);
  });

  it('may have other numbers in them that never change', async () => {
    const names = ['db2-node01-000009.wal', 'db2-node01-000010.wal'];
    expect(await recognised(names)).toEqual(names);
  });

  it('are taken without directories, sockets, hidden and unfinished files', async () => {
    const directory = await withFiles(['wal-1.bin', 'wal-2.bin', 'wal-3.bin.tmp', '.wal-4.bin']);
    await mkdir(join(directory, 'checkpoint.00000007'));
    const server = createServer().listen(join(directory, 'control-5.sock'));
    await new Promise((listening) => server.once('listening', listening));
    expect(await segmentsOf(directory)).toEqual(['wal-1.bin', 'wal-2.bin']);
    await new Promise((closed) => server.close(closed));
  });

  it('do not exist where no name has a number', async () => {
    expect(await recognised(['CURRENT', 'notes'])).toBeUndefined();
  });
});

describe('a directory without a certain naming is refused, with the pattern to set', () => {
  it.each<[string, readonly string[], string | RegExp, string]>([
    [
      'several kinds of files',
      ['wal-1.bin', 'wal-2.bin', 'notes-7.txt'],
      "2 × 'wal-#.bin', 1 × 'notes-#.txt'",
      "'^wal-(?<number>\\d+)\\.bin$', or '^notes-(?<number>\\d+)\\.txt$'",
    ],
    [
      'two numbers that change',
      ['000001-00f3.snap', '000002-01a4.snap'],
      "which part of names such as '",
      "'^(?<number>\\d{6,})-[0-9a-f]{4,}\\.snap$'",
    ],
    [
      'leading zeros of some numbers only',
      ['wal-7', 'wal-007', 'wal-010'],
      'which part of names such as',
      "'^wal-(?<number>",
    ],
    ['letters of both cases', ['wal-0a', 'wal-0B'], 'which part', '(number_base = 16)'],
    ['the redo log of InnoDB', ['ib_logfile0', 'ib_logfile1'], 'redo log of InnoDB', 'binary log'],
    ['the online redo log of Oracle', ['redo01.log', 'redo02.log'], 'Oracle', 'Archive the log'],
    ['two binary logs', ['a.000001', 'a.index', 'b.000001', 'b.index'], 'several kinds', "'^a\\."],
  ])('%s', async (_, names, message, hint) => {
    await expect(recognised(names)).rejects.toMatchObject({
      code: 'segment-names-unclear',
      class: 'refused',
      message: expect.stringMatching(
        message instanceof RegExp ? message : escaped(message),
      ) as string,
      hint: expect.stringContaining(hint) as string,
    });
  });

  it('the pg_wal of a server, which creates files ahead', async () => {
    const directory = await withFiles(['000000010000000000000001', '000000010000000000000002']);
    await mkdir(join(directory, 'archive_status'));
    await expect(segmentsOf(directory)).rejects.toMatchObject({
      message: expect.stringContaining('creates files ahead') as string,
      hint: expect.stringContaining('type = "postgres"') as string,
    });
  });

  it('a directory that gets a file of another kind later', async () => {
    const directory = await withFiles(['wal-000008', 'wal-000009']);
    const found = await recogniseNaming(nodeDisk, sourceAt(directory));
    if (found === undefined) throw new Error('nothing was recognised');
    const source = { ...(await aSource()), directory, naming: found.naming };
    const scan = () => scanSource(nodeDisk, source, { lowestMax: 1, highestMax: 1 });
    await writeFile(join(directory, 'wal-00000a'), 'x');
    await expect(scan()).rejects.toMatchObject({
      code: 'segment-names-unclear',
      message: expect.stringContaining('wal-00000a has a different name') as string,
      hint: expect.stringContaining('number_base = 16') as string,
    });
    await rm(join(directory, 'wal-00000a'));
    await writeFile(join(directory, 'wal-aaaaaa'), 'x');
    await expect(scan()).rejects.toMatchObject({ code: 'segment-names-unclear' });
    await rm(join(directory, 'wal-aaaaaa'));
    await mkdir(join(directory, 'checkpoint-1'));
    await expect(scan()).resolves.toMatchObject({ highest: [{ name: 'wal-000009' }] });
  });
});

describe('names like one that is given', () => {
  it.each<[string, readonly string[], string, readonly string[]]>([
    ['wal-3.bin', ['wal-1.bin', 'wal-2.bin', 'notes-7.txt'], 'wal-10.bin', ['notes-7.txt']],
    [
      '000000000000000a-0000000000010a01.wal',
      ['0000000000000009-000000000000f3a9.wal', 'notes-7.txt'],
      '000000000000000b-0000000000020000.wal',
      ['notes-7.txt', '0.tmp'],
    ],
    ['seg0a', ['seg09', 'seg0b'], 'seg10', ['other']],
  ])('%s', async (like, there, alike, others) => {
    const directory = await withFiles([like, ...there]);
    const naming = await namingLike(nodeDisk, sourceAt(directory), like);
    const [before] = there;
    const order = [before ?? '', like, alike].flatMap((name) => naming?.parse(name) ?? []);
    expect(order.toSorted(compareSegments).map(({ name }) => name)).toEqual([before, like, alike]);
    for (const other of others) expect(naming?.parse(other)).toBeUndefined();
  });

  it('is none for a name without a number', async () => {
    expect(await namingLike(nodeDisk, sourceAt(await withFiles([])), 'CURRENT')).toBeUndefined();
  });
});

const escaped = (text: string): RegExp =>
  new RegExp(text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));

const diskWith = (names: readonly string[]) => ({
  ...nodeDisk,
  lstat: async () => ({ ...(await nodeDisk.lstat('/proc/self/stat')), kind: 'file' as const }),
  list: async function* () {
    yield names;
  },
});
