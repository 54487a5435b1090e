import { execFileSync } from 'node:child_process';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  archiveKeyOf,
  createDueView,
  keyPath,
  nodeDisk,
  quarantineSegment,
  readArchiveOwner,
  readManifest,
  useMarker,
  type Disk,
} from '@walq/wal-core/internal';
import { faultyDisk, systemError } from '@walq/conformance';
import { expect, test } from 'vitest';
import { newPostgresPlace, type PostgresPlace } from '../../support/postgres-place.ts';

const FIRST = '000000010000000000000001';
const SECOND = '000000010000000000000002';

const namesIn = async (place: PostgresPlace): Promise<string[]> =>
  (await readdir(join(place.cluster.dataDirectory, 'pg_wal'), { recursive: true })).toSorted();

test('a ready file is archived with its position in the WAL, and pg_wal is not changed', async () => {
  const place = await newPostgresPlace();
  await place.cluster.ready(FIRST);
  await place.cluster.ready(SECOND);
  await place.open();
  const before = await namesIn(place);
  expect(await place.archive(SECOND)).toMatchObject({ outcome: 'archived' });
  expect(await namesIn(place)).toEqual(before);
  const { source } = await place.open();
  const segment = source.naming.parse(SECOND);
  if (segment === undefined) throw new Error('no segment');
  const key = archiveKeyOf('main', segment);
  expect(await readManifest(place.store, key)).toMatchObject({
    format: 'postgres',
    firstPosition: String(2 * place.cluster.segmentBytes),
    lastPosition: String(3 * place.cluster.segmentBytes),
  });
  const object = join(place.store.url.replace('file://', ''), keyPath(key));
  const plain = execFileSync('zstd', ['-dcq', object], { maxBuffer: 1 << 26 });
  expect(plain.equals(place.cluster.segment(SECOND))).toBe(true);
});

test('the archive records the system identifier and the segment size', async () => {
  const place = await newPostgresPlace({ segmentBytes: 4 * 1024 * 1024 });
  await place.open();
  expect(await readArchiveOwner(place.store, 'main')).toMatchObject({
    type: 'postgres',
    systemIdentifier: place.cluster.systemIdentifier.toString(),
    naming: { rule: { kind: 'postgres', segmentBytes: 4 * 1024 * 1024 } },
  });
});

test('history, backup and partial files are archived as they are', async () => {
  const place = await newPostgresPlace();
  const partial = `${SECOND}.partial`;
  await place.cluster.ready('00000002.history', '1\t0/2000000\tno recovery target specified\n');
  await place.cluster.ready(`${FIRST}.00000028.backup`, 'START WAL LOCATION: 0/1000028\n');
  await place.cluster.ready(partial, place.cluster.segment(SECOND));
  await place.open();
  for (const name of ['00000002.history', `${FIRST}.00000028.backup`, partial]) {
    expect(await place.archive(name)).toMatchObject({ outcome: 'archived' });
  }
});

test('a history or backup file that a power cut left empty is archived unchanged', async () => {
  const place = await newPostgresPlace();
  const names = ['00000002.history', `${FIRST}.00000028.backup`];
  for (const name of names) await place.cluster.ready(name, '');
  await place.open();
  for (const name of names) {
    expect(await place.archive(name)).toMatchObject({ outcome: 'archived', bytesIn: 0 });
    expect(await place.archive(name)).toMatchObject({ outcome: 'already-archived' });
  }
});

test('a file that is not ready is not archived', async () => {
  const place = await newPostgresPlace();
  await place.cluster.ready(FIRST);
  await place.open();
  await place.cluster.done(FIRST);
  await expect(place.archive(FIRST)).rejects.toMatchObject({
    code: 'segment-not-flushed',
    message: expect.stringContaining('archive_status') as string,
  });
});

test.each<[string, (place: PostgresPlace) => Buffer, string]>([
  ['of another system', (place) => poked(place, (b) => b.writeBigUInt64LE(7n, 24)), 'system 7'],
  [
    'under another name',
    (place) => place.cluster.segment(SECOND),
    'its first page has address 0/200000',
  ],
  ['with other magic', (place) => poked(place, (b) => b.writeUInt16LE(0xd10d, 0)), 'magic 0xD10D'],
  [
    'without a long header',
    (place) => poked(place, (b) => b.writeUInt16LE(0, 2)),
    'no long header',
  ],
  ['of a later timeline', (place) => poked(place, (b) => b.writeUInt32LE(9, 4)), 'timeline 9'],
  [
    'of another size',
    (place) => poked(place, (b) => b.writeUInt32LE(1, 32)),
    'segments of 1 bytes',
  ],
  ['cut short', (place) => place.cluster.segment(FIRST).subarray(0, 5000), 'it has 5000 bytes'],
  ['that is empty', () => Buffer.alloc(0), 'it has 0 bytes'],
])('a segment %s is rejected before anything is stored', async (_, make, why) => {
  const place = await newPostgresPlace();
  await place.cluster.ready(FIRST, make(place));
  await place.open();
  await expect(place.archive(FIRST)).rejects.toMatchObject({
    code: 'segment-malformed',
    message: expect.stringContaining(why) as string,
  });
  const all = await readdir(place.store.url.replace('file://', ''), { recursive: true });
  expect(all.filter((name) => name.endsWith('.zst'))).toEqual([]);
});

test('a file that PostgreSQL recycles while it is read is not archived', async () => {
  const place = await newPostgresPlace();
  await place.cluster.ready(FIRST);
  await place.open();
  const onStep = async (step: string) => {
    if (step !== 'recheck') return;
    await place.cluster.done(FIRST);
    await place.cluster.recycle(FIRST, SECOND);
  };
  await expect(place.archive(FIRST, { onStep })).rejects.toMatchObject({
    code: 'segment-not-flushed',
  });
});

test('a file that PostgreSQL overwrites before it is read is not reported as malformed', async () => {
  const place = await newPostgresPlace();
  await place.cluster.ready(FIRST);
  await place.open();
  const onStep = async (step: string) => {
    if (step !== 'compress') return;
    await place.cluster.done(FIRST);
    // Opened by its old name, read when the new one counts.
    await writeFile(place.cluster.walPath(FIRST), place.cluster.segment(SECOND));
  };
  await expect(place.archive(FIRST, { onStep })).rejects.toMatchObject({
    code: 'segment-not-flushed',
  });
});

test('a file that was replaced under the same name is not archived', async () => {
  const place = await newPostgresPlace();
  await place.cluster.ready(FIRST);
  await place.open();
  const onStep = async (step: string) => {
    if (step !== 'recheck') return;
    await rm(place.cluster.walPath(FIRST));
    await place.cluster.ready(FIRST, place.cluster.segment(FIRST, 'again'));
  };
  await expect(place.archive(FIRST, { onStep })).rejects.toMatchObject({ code: 'source-changed' });
});

test.each(['admit', 'find', 'stage', 'compress', 'recheck', 'publish', 'confirm', 'acknowledge'])(
  'a process that dies before the step %s loses nothing and acknowledges nothing',
  async (deadly) => {
    const place = await newPostgresPlace();
    await place.cluster.ready(FIRST);
    const open = await place.open();
    const onStep = (step: string) => {
      if (step === deadly) throw new Error('killed');
    };
    await expect(place.archive(FIRST, { onStep })).rejects.toThrow('killed');
    expect(await useMarker(nodeDisk, open, FIRST)).toBe(false);
    await place.archive(FIRST);
    expect(await useMarker(nodeDisk, open, FIRST)).toBe(true);
  },
);

test('a file is due if it is ready, not archived and not quarantined', async () => {
  const place = await newPostgresPlace();
  const third = '000000010000000000000003';
  for (const name of [FIRST, SECOND, third, '00000002.history'])
    await place.cluster.ready(name, await contentOf(place, name));
  const view = createDueView(nodeDisk, await place.open());
  const due = async () => (await view.scan(10)).due.map(({ name }) => name);
  expect(await due()).toEqual(['00000002.history', FIRST, SECOND, third]);
  await place.archive(SECOND);
  await quarantineSegment(place.store, 'main', {
    segment: FIRST,
    quarantinedAt: new Date().toISOString(),
    worker: 'test:1',
    code: 'segment-malformed',
    message: 'damaged',
    hint: 'check it',
  });
  expect(await due()).toEqual(['00000002.history', third]);
  await place.cluster.done(third);
  expect(await due()).toEqual(['00000002.history']);
});

async function contentOf(place: PostgresPlace, name: string): Promise<Buffer | string> {
  return name.endsWith('.history') ? '1\t0/100\treason\n' : place.cluster.segment(name);
}

function poked(place: PostgresPlace, poke: (bytes: Buffer) => void): Buffer {
  const bytes = place.cluster.segment(FIRST);
  poke(bytes);
  return bytes;
}

test.each(['device', 'inode', 'size', 'mtimeNs'] as const)(
  'a segment of which only the %s changed while it was read is not archived',
  async (part) => {
    const place = await newPostgresPlace();
    await place.open();
    await place.cluster.ready(FIRST);
    const path = join(place.source.directory, FIRST);
    let isRead = false;
    const disk: Disk = {
      ...nodeDisk,
      lstat: async (asked) => {
        const state = await nodeDisk.lstat(asked);
        return isRead && asked === path ? { ...state, [part]: state[part] + 1n } : state;
      },
    };
    const onStep = (step: string) => void (isRead ||= step === 'recheck');
    const work = place.archive(FIRST, { disk, onStep });
    await expect(work).rejects.toMatchObject({ code: 'source-changed' });
    await expect(place.archive(FIRST)).resolves.toMatchObject({ outcome: 'archived' });
  },
);

test('a segment that cannot be checked after it was read is not archived', async () => {
  const place = await newPostgresPlace();
  await place.open();
  await place.cluster.ready(FIRST);
  const path = join(place.source.directory, FIRST);
  let isRead = false;
  const disk = faultyDisk(nodeDisk, {
    onCall: (call) => {
      if (isRead && call.operation === 'lstat' && call.path === path)
        throw systemError('EIO', call);
    },
  });
  const onStep = (step: string) => void (isRead ||= step === 'recheck');
  const work = place.archive(FIRST, { disk, onStep });
  await expect(work).rejects.toMatchObject({ code: 'source-io', class: 'retryable' });
});
