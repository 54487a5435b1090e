/** An entry under a segment's name that is not a regular file is quarantined with its reason, and not retried. */
import { execFileSync } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  archiveOne,
  isMisread,
  nodeDisk,
  patternNaming,
  scanSource,
} from '@walq/wal-core/internal';
import { failOperation, faultyDisk } from '@walq/conformance';
import { expect, test } from 'vitest';
import { newPlace } from '../support/place.ts';

test.each<[string, (path: string) => Promise<unknown>, string]>([
  ['a socket', listenAt, 'is a socket or a device'],
  ['a named pipe', async (path) => execFileSync('mkfifo', [path]), 'is a pipe or a device'],
  ['a directory', (path) => mkdir(path), 'is a directory'],
  ['a symbolic link', (path) => symlink('wal-000002.bin', path), 'is a symbolic link'],
  ['a link to nothing', (path) => symlink('nowhere', path), 'is a symbolic link'],
])('%s', async (_, make, why) => {
  const place = await newPlace();
  await rm(place.pathOf(1));
  const close = await make(place.pathOf(1));
  await expect(place.archive1(1)).rejects.toMatchObject({
    code: 'segment-malformed',
    class: 'permanent',
    message: expect.stringContaining(why) as string,
  });
  if (typeof close === 'function') await close();
});

test('a name that is not UTF-8', async () => {
  const place = await newPlace({
    source: { naming: patternNaming(/^wal-(?<number>\d+)\..*$/, 10), afterArchive: 'keep' },
  });
  const bytes = Buffer.concat([
    Buffer.from(join(place.source.directory, 'wal-000001.')),
    Buffer.of(0xff),
  ]);
  await writeFile(bytes, 'content');
  const { lowest } = await scanSource(nodeDisk, place.source, { lowestMax: 9, highestMax: 0 });
  const [misread] = lowest.filter(({ name }) => isMisread(name));
  await expect(
    archiveOne(place.archiver(), place.source, misread?.name ?? '', {
      signal: new AbortController().signal,
    }),
  ).rejects.toMatchObject({
    code: 'segment-name-refused',
    class: 'permanent',
    message: expect.stringContaining('is not UTF-8') as string,
  });
});

test('a file without read permission is retried, and the hint says which user needs it', async () => {
  const place = await newPlace();
  const onCall = failOperation('openRead', 'EACCES', /wal-000001/);
  const disk = faultyDisk(nodeDisk, { onCall });
  await expect(place.archive1(1, { disk })).rejects.toMatchObject({
    code: 'source-denied',
    class: 'retryable',
    hint: expect.stringContaining('chown') as string,
  });
});

async function listenAt(path: string): Promise<() => Promise<void>> {
  const server = createServer().listen(path);
  await new Promise((listening) => server.once('listening', listening));
  return () => new Promise((closed) => server.close(() => closed()));
}
