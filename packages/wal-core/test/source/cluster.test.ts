import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeDisk, readCluster } from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { newPostgresPlace } from '../support/postgres-place.ts';

const controlOf = (dataDirectory: string): string => join(dataDirectory, 'global', 'pg_control');

test.each([1, 16, 1024])('reads system, version and segments of %i MiB', async (mib) => {
  const { cluster } = await newPostgresPlace({ segmentBytes: mib * 1024 * 1024 });
  expect(await readCluster(nodeDisk, cluster.dataDirectory)).toEqual({
    systemIdentifier: cluster.systemIdentifier.toString(),
    segmentBytes: mib * 1024 * 1024,
    majorVersion: 15,
  });
});

test.each([
  ['is cut short', (bytes: Buffer) => bytes.subarray(0, 100), 'it has 100 bytes'],
  ['has a flipped bit', (bytes: Buffer) => flipped(bytes, 3), 'its checksum is wrong'],
  ['is something else', () => Buffer.alloc(8192, 'x'), 'not the pg_control'],
])('a pg_control that %s is refused', async (_, change, why) => {
  const { cluster } = await newPostgresPlace();
  const path = controlOf(cluster.dataDirectory);
  await writeFile(path, change(cluster.control()));
  await expect(readCluster(nodeDisk, cluster.dataDirectory)).rejects.toMatchObject({
    code: 'source-unavailable',
    message: expect.stringContaining(why) as string,
  });
});

test('a pg_control that is being written is read again', async () => {
  const { cluster } = await newPostgresPlace();
  const path = controlOf(cluster.dataDirectory);
  await writeFile(path, flipped(cluster.control(), 30));
  const reading = readCluster(nodeDisk, cluster.dataDirectory);
  await writeFile(path, cluster.control());
  expect((await reading).majorVersion).toBe(15);
});

test('a data directory that does not exist is reported as such', async () => {
  const { cluster } = await newPostgresPlace();
  await rm(cluster.dataDirectory, { recursive: true });
  await expect(readCluster(nodeDisk, cluster.dataDirectory)).rejects.toMatchObject({
    code: 'source-unavailable',
    message: expect.stringContaining('it does not exist') as string,
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  return bytes;
}
