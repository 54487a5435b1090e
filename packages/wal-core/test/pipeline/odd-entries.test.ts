/** What stands under a segment's name and is no regular file is set aside with its reason, and not tried again. */
import { execFileSync } from 'node:child_process';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
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

async function listenAt(path: string): Promise<() => Promise<void>> {
  const server = createServer().listen(path);
  await new Promise((listening) => server.once('listening', listening));
  return () => new Promise((closed) => server.close(() => closed()));
}
