import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createIdentity, nodeDisk, readIdentity, requireIdentity } from '@walq/wal-core/internal';
import { faultyDisk, failCall, type DiskCall } from '@walq/conformance';
import { describe, expect, it } from 'vitest';
import { aSource } from './a-source.ts';

const run = promisify(execFile);
const unavailable = { code: 'source-unavailable', class: 'retryable' };

describe('the identity of a source', () => {
  it('is created once, and is the same for all callers at the same time', async () => {
    const source = await aSource();
    expect(await readIdentity(nodeDisk, source)).toBeUndefined();
    await expect(requireIdentity(nodeDisk, source)).rejects.toMatchObject(unavailable);
    const makers = Array.from({ length: 20 }, () => createIdentity(nodeDisk, source));
    const ids = new Set(await Promise.all(makers));
    expect(ids.size).toBe(1);
    expect(ids).toContain(await requireIdentity(nodeDisk, source));
    expect(ids).toContain(await createIdentity(nodeDisk, source));
    expect(await readdir(join(source.directory, '.walq'))).toEqual(['source.json']);
  });

  it('is durable when it is returned, also where another process created it', async () => {
    const source = await aSource();
    for (const file of ['file.sync', 'syncFile']) {
      const calls: string[] = [];
      const onDone = ({ operation, path }: DiskCall) =>
        void calls.push(`${operation} ${path.replace(source.directory, 'SOURCE')}`);
      await createIdentity(faultyDisk(nodeDisk, { onDone }), source);
      expect(calls.some((call) => call.startsWith(file))).toBe(true);
      expect(calls).toContain('syncDirectory SOURCE/.walq');
      expect(calls).toContain('syncDirectory SOURCE');
    }
  });

  it('is not created for a directory that does not exist', async () => {
    const source = await aSource();
    await rm(source.directory, { recursive: true });
    await expect(createIdentity(nodeDisk, source)).rejects.toMatchObject(unavailable);
    await expect(nodeDisk.lstat(source.directory)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each([
    ['', 'empty'],
    ['{', 'cut off'],
    ['null', 'nothing'],
    ['{"version":1}', 'without an id'],
    ['{"version":1,"sourceId":"x"}', 'not a UUID'],
    ['{"version":2,"sourceId":"4b0c6a3e-7d56-4a1c-8a3e-0c9a6b1f2d3e"}', 'of a newer version'],
  ])('%j is reported, and not replaced', async (text) => {
    const source = await aSource();
    const path = join(source.directory, '.walq/source.json');
    await mkdir(join(source.directory, '.walq'));
    await writeFile(path, text);
    const reported = { ...unavailable, message: expect.stringContaining(path) };
    await expect(readIdentity(nodeDisk, source)).rejects.toMatchObject(reported);
    await expect(createIdentity(nodeDisk, source)).rejects.toMatchObject(reported);
    expect((await run('cat', [path])).stdout).toBe(text);
  });

  it.each([
    ['a directory', (path: string) => mkdir(path)],
    ['a symbolic link', (path: string) => symlink('/etc/hostname', path)],
    ['a pipe', (path: string) => run('mkfifo', [path])],
  ])('that is %s is reported without waiting for it', async (_, make) => {
    const source = await aSource();
    await mkdir(join(source.directory, '.walq'));
    await make(join(source.directory, '.walq/source.json'));
    await expect(readIdentity(nodeDisk, source)).rejects.toMatchObject(unavailable);
  });

  it('is whole or does not exist, whichever disk call fails, and can be created again', async () => {
    for (let number = 1; ; number += 1) {
      const source = await aSource();
      let calls = 0;
      const onCall = (call: DiskCall) => {
        calls = call.number;
        failCall(number, 'EIO')(call);
      };
      const made = await createIdentity(faultyDisk(nodeDisk, { onCall }), source).catch(
        (error: unknown) => {
          expect(error).toMatchObject(unavailable);
        },
      );
      const id = await createIdentity(nodeDisk, source);
      if (made !== undefined) expect(id).toBe(made);
      if (calls < number) return;
    }
  });
});
