/** An object counts only when it is exactly one frame and one manifest, and decodes to what its manifest says. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@walq/test-support';
import {
  decodeManifestFrame,
  nodeDisk,
  type Disk,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { objectOf } from '../support/bomb.ts';
import { newPlace } from '../support/place.ts';

interface Parts {
  readonly data: Buffer;
  readonly json: string;
}

/** Many pieces long, and hard to compress. */
function contentOf(bytes: number): Buffer {
  const pieces: Buffer[] = [];
  for (let number = 0; number * 32 < bytes; number += 1)
    pieces.push(createHash('sha256').update(String(number)).digest());
  return Buffer.concat(pieces).subarray(0, bytes);
}

async function archive(content: Buffer): Promise<Parts> {
  const place = await newPlace({ segments: { 1: content, 2: 'newer' }, flushedUpTo: 1 });
  await place.archive1(1);
  const object = await readFile(place.objectPath(1));
  const { json, frameBytes } = decodeManifestFrame('it', object);
  return { json, data: object.subarray(0, object.length - frameBytes) };
}

const BYTES = 700_000;
let sound: Promise<Parts> | undefined;
const archived = (): Promise<Parts> => (sound ??= archive(contentOf(BYTES)));

async function decode({ data, json }: Parts, facts: object = {}, disk: Disk = nodeDisk) {
  const { path } = await temporaryDirectory('object');
  const task = { objectPath: join(path, 'it.zst'), where: 'it' };
  await writeFile(task.objectPath, objectOf(data, json, facts));
  return createInlineThreads(disk).decode(task, new AbortController().signal);
}

test('a large object decodes to its content', async () => {
  expect(await decode(await archived())).toMatchObject({ decoded: { bytes: BYTES } });
});

const emptyFrame = execFileSync('zstd', ['-cq'], { input: '' });

test.each<[string, (data: Buffer) => Buffer]>([
  ['another frame follows', (data) => Buffer.concat([data, emptyFrame])],
  ['a byte follows', (data) => Buffer.concat([data, Buffer.of(0)])],
  ['the checksum of its frame is cut off', (data) => data.subarray(0, data.length - 4)],
  ['the last byte is cut off', (data) => data.subarray(0, data.length - 1)],
  ['there is no frame', () => Buffer.alloc(0)],
])('an object is corrupt when %s, though all of its content is there', async (_what, change) => {
  const parts = await archived();
  const work = decode({ ...parts, data: change(parts.data) });
  await expect(work).rejects.toMatchObject({ code: 'object-corrupt' });
});

test('an object whose content ends at the end of a chunk is whole', async () => {
  const bytes = 4 * 128 * 1024;
  const parts = await archive(contentOf(bytes));
  expect(await decode(parts)).toMatchObject({ decoded: { bytes } });
});

const value = '0'.repeat(16);
const corrupt: readonly object[] = [
  { bytes: 700_001 },
  { bytes: 699_999 },
  { bytes: -1 },
  { bytes: 700_000.5 },
  { bytes: '700000' },
  { bytes: null },
  { sourceChecksum: { algorithm: 'xxh3-64', value } },
  { sourceChecksum: { algorithm: 'xxh3-64', value: 7 } },
  { sourceChecksum: { algorithm: 'xxh3-64' } },
  { sourceChecksum: { algorithm: 'md5', value } },
  { sourceChecksum: { value } },
  { sourceChecksum: value },
  { sourceChecksum: null },
];

test.each(corrupt.map((facts) => [JSON.stringify(facts), facts] as const))(
  'an object whose manifest says %s is corrupt',
  async (_what, facts) => {
    const work = decode(await archived(), facts);
    await expect(work).rejects.toMatchObject({ code: 'object-corrupt' });
  },
);

const sha256 = 'a'.repeat(64);
const unknown: readonly object[] = [
  { version: 2 },
  { version: '1' },
  { dictionary: '' },
  { dictionary: 7 },
  { dictionary: sha256.slice(1) },
  { dictionary: `${sha256}a` },
  { dictionary: sha256.toUpperCase() },
  { dictionary: [sha256] },
];

test.each(unknown.map((facts) => [JSON.stringify(facts), facts] as const))(
  'an object whose manifest says %s is for a newer walq',
  async (_what, facts) => {
    const work = decode(await archived(), facts);
    await expect(work).rejects.toMatchObject({ code: 'archive-format-unknown' });
  },
);

test('an object that is truncated while it is read is corrupt', async () => {
  const disk: Disk = {
    ...nodeDisk,
    openRead: async (opened) => {
      const file = await nodeDisk.openRead(opened);
      return { ...file, read: async (into, at) => (at === 0 ? 0 : file.read(into, at)) };
    },
  };
  await expect(decode(await archived(), {}, disk)).rejects.toMatchObject({
    code: 'object-corrupt',
  });
});
