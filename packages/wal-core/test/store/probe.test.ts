import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { temporaryDirectory } from '@walq/test-support';
import { nodeDisk, openStore, type Disk } from '@walq/wal-core/internal';
import { failOperation, faultyDisk } from '@walq/conformance';
import { describe, expect, it } from 'vitest';
import { newArchive } from './directory-archive.ts';
import { keyOf, put, textOf } from './objects.ts';
import { mountTmpfs, remount } from './tmpfs.ts';

const probeOn = async (disk: Disk) => {
  const { store, root } = await newArchive(disk);
  return { answer: store.probe(), store, root };
};

describe('the probe of a directory', () => {
  it('never creates the archive; preparing does, durably, when only its own directory is missing', async () => {
    const directory = await temporaryDirectory();
    const synced: string[] = [];
    const disk = faultyDisk(nodeDisk, {
      onDone: ({ operation, path }) => void (operation === 'syncDirectory' && synced.push(path)),
    });
    const store = openStore(directory.at('archive'), { disk });
    await expect(store.probe()).rejects.toMatchObject({ code: 'store-unavailable' });
    await expect(readdir(directory.at('archive'))).rejects.toThrow('ENOENT');
    await store.prepare();
    expect(await readdir(directory.at('archive'))).toEqual([]);
    expect(synced).toContain(directory.path);
  });

  it('does not create its parent directories', async () => {
    const directory = await temporaryDirectory();
    const store = openStore(directory.at('mnt', 'archive'), { disk: nodeDisk });
    await expect(store.prepare()).rejects.toMatchObject({
      code: 'store-unavailable',
      message: expect.stringContaining(directory.at('mnt')),
    });
    expect(await readdir(directory.path)).toEqual([]);
  });

  it('refuses a file at the archive’s path', async () => {
    const directory = await temporaryDirectory();
    await writeFile(directory.at('archive'), 'x');
    await expect(
      openStore(directory.at('archive'), { disk: nodeDisk }).probe(),
    ).rejects.toMatchObject({
      code: 'store-unsuitable',
      message: expect.stringContaining('is not a directory'),
    });
  });

  it.each(['EPERM', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])(
    'refuses a filesystem without hard links (%s), and leaves nothing there',
    async (code) => {
      const disk = faultyDisk(nodeDisk, { onCall: failOperation('link', code) });
      const { answer, store, root } = await probeOn(disk);
      await expect(answer).rejects.toMatchObject({
        code: 'store-unsuitable',
        message: expect.stringContaining('hard links'),
      });
      await expect(put(store, keyOf(7), 'x')).rejects.toMatchObject({ code: 'store-unsuitable' });
      expect(await textOf(store, keyOf(7))).toBeUndefined();
      await rm(`${root}/orders`, { recursive: true });
      expect(await readdir(root)).toEqual([]);
    },
  );

  it('refuses a filesystem whose links are copies, or replace', async () => {
    const copying: Disk = { ...nodeDisk, link: (from, to) => copyFile(from, to) };
    await expect((await probeOn(copying)).answer).rejects.toMatchObject({
      code: 'store-unsuitable',
    });
    const replacing: Disk = {
      ...nodeDisk,
      link: async (from, to) => {
        await rm(to, { force: true });
        await nodeDisk.link(from, to);
      },
    };
    await expect((await probeOn(replacing)).answer).rejects.toMatchObject({
      code: 'store-unsuitable',
      message: expect.stringContaining('replaces'),
    });
  });

  it('refuses a filesystem that cannot fsync a file or a directory', async () => {
    for (const operation of ['file.sync', 'syncDirectory'] as const) {
      const disk = faultyDisk(nodeDisk, { onCall: failOperation(operation, 'EINVAL') });
      await expect((await probeOn(disk)).answer).rejects.toMatchObject({
        code: 'store-unsuitable',
        message: expect.stringContaining('cannot fsync'),
      });
    }
  });

  it('distinguishes a failed fsync from an unsupported one', async () => {
    const disk = faultyDisk(nodeDisk, { onCall: failOperation('file.sync', 'EIO') });
    await expect((await probeOn(disk)).answer).rejects.toMatchObject({
      code: 'store-fsync-failed',
    });
  });

  it('accepts an archive in a directory that walq may not open', async () => {
    const { root } = await newArchive();
    const parent = new RegExp(`^${root.replace(/\/archive$/, '')}$`);
    const disk = faultyDisk(nodeDisk, { onCall: failOperation('syncDirectory', 'EACCES', parent) });
    const store = openStore(root, { disk });
    await store.probe();
    expect(await put(store, keyOf(7), 'x')).toBe('published');
  });
});

describe('an archive on a read-only filesystem', () => {
  it('is reported by the probe and by staging, and works again once it is writable', async () => {
    const directory = await temporaryDirectory();
    const root = directory.at('archive');
    const readOnly = { code: 'store-read-only', class: 'retryable' };
    const mounted = await mountTmpfs(root, 'size=1m');
    let broken = true;
    const injected = faultyDisk(nodeDisk, {
      onCall: (call) => (broken ? failOperation('openNew', 'EROFS')(call) : undefined),
    });
    if (!mounted) await mkdir(root, { recursive: true });
    const store = openStore(root, { disk: mounted ? nodeDisk : injected });
    if (mounted) await remount(root, 'ro');
    await expect(store.probe()).rejects.toMatchObject(readOnly);
    await expect(store.stage(keyOf(7))).rejects.toMatchObject(readOnly);
    broken = false;
    if (mounted) await remount(root, 'rw');
    expect(await put(store, keyOf(7), 'x')).toBe('published');
  });
});

describe('an archive on a full filesystem', () => {
  it('is reported, keeps its objects, and works again once it has space', async () => {
    const directory = await temporaryDirectory();
    const root = directory.at('archive');
    const full = { code: 'store-full', class: 'retryable' };
    const mounted = await mountTmpfs(root, 'size=200k');
    let broken = false;
    const injected = faultyDisk(nodeDisk, {
      onCall: (call) => (broken ? failOperation('file.write', 'ENOSPC')(call) : undefined),
    });
    if (!mounted) await mkdir(root, { recursive: true });
    const store = openStore(root, { disk: mounted ? nodeDisk : injected });
    await put(store, keyOf(7), 'kept');
    const filler = `${root}/filler`;
    broken = true;
    if (mounted) await writeFile(filler, Buffer.alloc(400_000)).catch(() => undefined);
    await expect(store.probe()).rejects.toMatchObject(full);
    await expect(store.records.create('orders', 'x', '{}')).rejects.toMatchObject(full);
    expect(await textOf(store, keyOf(7))).toBe('kept');
    broken = false;
    if (mounted) await rm(filler);
    await store.probe();
    expect(await put(store, keyOf(8), 'works again')).toBe('published');
  });
});
