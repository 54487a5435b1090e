import { dirname } from 'node:path';
import {
  archiveKeyOf,
  nodeDisk,
  openStore,
  sha256Of,
  type ArchiveKey,
  type ArchiveStore,
  publishOne,
} from '@walq/wal-core/internal';
import { faultyDisk, type DiskCall } from '@walq/conformance';
import { temporaryDirectory } from '@walq/test-support';
import { describe, expect, it } from 'vitest';
import { newArchive } from './directory-archive.ts';
import { keyOf, put, stageText } from './objects.ts';

/** A store whose calls on the disk are written down, once they took effect. */
async function recordedPlace() {
  const calls: DiskCall[] = [];
  const disk = faultyDisk(nodeDisk, { onDone: (call) => void calls.push(call) });
  const { store, root } = await newArchive(disk);
  const since = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
    const from = calls.length;
    await work();
    return calls.slice(from).map((call) => named(call, root));
  };
  return { store, root, since };
}

/** A call with its path from the archive on, random parts left out: `link orders/00000000/wal-1`. */
function named({ operation, path, to }: DiskCall, root: string): string {
  const place = (to ?? path).replace(root, 'ROOT').replace(dirname(root), 'PARENT');
  return `${operation} ${place.replace(/\/\.([^/]*)\.[0-9a-f-]{36}\.tmp$/, '/TEMPORARY')}`;
}

const SHARD = 'ROOT/orders/00000000';
const OBJECT = `${SHARD}/wal-7.bin.zst`;
const syncs = (calls: readonly string[]) => calls.filter((call) => /sync/.test(call));

async function publishStaged(store: ArchiveStore, key: ArchiveKey) {
  const staging = await stageText(store, key, 'contents');
  return () => publishOne(store, staging);
}

describe('publishing to a directory', () => {
  it('links, removes the temporary name, then makes every directory up to the root durable', async () => {
    const { store, since } = await recordedPlace();
    const publish = await publishStaged(store, keyOf(7));
    const calls = await since(publish);
    const changes = calls.filter((call) => !call.startsWith('lstat'));
    expect(changes).toEqual([
      `link ${OBJECT}`,
      `unlink ${SHARD}/TEMPORARY`,
      `syncDirectory ${SHARD}`,
      'syncDirectory ROOT/orders',
      'syncDirectory ROOT',
      'syncDirectory PARENT',
    ]);
  });

  it('makes only the shard durable when its parents are known to be', async () => {
    const { store, since } = await recordedPlace();
    await put(store, keyOf(6), 'before');
    const publish = await publishStaged(store, keyOf(7));
    expect(syncs(await since(publish))).toEqual([`syncDirectory ${SHARD}`]);
  });

  it('makes a new shard durable in a source that is known to be', async () => {
    const { store, since } = await recordedPlace();
    await put(store, keyOf(7), 'before');
    const publish = await publishStaged(store, keyOf(10_000));
    expect(syncs(await since(publish))).toEqual([
      'syncDirectory ROOT/orders/00000001',
      'syncDirectory ROOT/orders',
    ]);
  });

  it('does not trust directories that another process created and may not have made durable', async () => {
    const { root } = await recordedPlace();
    await put(openStore(root, { disk: nodeDisk }), keyOf(6), 'by another process');
    const calls: string[] = [];
    const onDone = (call: DiskCall) => void calls.push(named(call, root));
    const store = openStore(root, { disk: faultyDisk(nodeDisk, { onDone }) });
    await put(store, keyOf(7), 'ours');
    expect(syncs(calls)).toEqual([
      `syncDirectory ${SHARD}`,
      'syncDirectory ROOT/orders',
      'syncDirectory ROOT',
      'syncDirectory PARENT',
    ]);
  });

  it('only removes its own file after it has found the key taken', async () => {
    const { store, since } = await recordedPlace();
    await put(store, keyOf(7), 'the winner');
    const publish = await publishStaged(store, keyOf(7));
    const calls = await since(publish);
    expect(calls.filter((call) => !call.startsWith('lstat'))).toEqual([
      `unlink ${SHARD}/TEMPORARY`,
    ]);
  });

  it('lets the loser of the race fsync the object, its shard and the parents itself', async () => {
    const { root, since } = await recordedPlace();
    await put(openStore(root, { disk: nodeDisk }), keyOf(7), 'by another process');
    const calls: string[] = [];
    const onDone = (call: DiskCall) => void calls.push(named(call, root));
    const loser = openStore(root, { disk: faultyDisk(nodeDisk, { onDone }) });
    await since(() => loser.makeDurable(keyOf(7)));
    expect(syncs(calls)).toEqual([
      `file.sync ${OBJECT}`,
      `syncDirectory ${SHARD}`,
      'syncDirectory ROOT/orders',
      'syncDirectory ROOT',
      'syncDirectory PARENT',
    ]);
  });

  it('makes records durable in the same way, whether it created them or found them', async () => {
    const { store, since } = await recordedPlace();
    const create = () => store.records.create('orders', 'quarantine/a', '{}');
    const made = syncs(await since(create));
    expect(made[0]).toBe('file.sync ROOT/orders/_walq/quarantine/TEMPORARY');
    expect(made).toContain('syncDirectory ROOT/orders/_walq/quarantine');
    expect(made).toContain('syncDirectory ROOT/orders/_walq');
    expect(made).toContain('syncDirectory ROOT/orders');
    expect(made).toContain('syncDirectory ROOT');
    expect(syncs(await since(create))).toEqual([
      'file.sync ROOT/orders/_walq/quarantine/TEMPORARY',
      'syncFile ROOT/orders/_walq/quarantine/a.json',
      'syncDirectory ROOT/orders/_walq/quarantine',
    ]);
    const removed = syncs(await since(() => store.records.remove('orders', 'quarantine/a')));
    expect(removed).toEqual(['syncDirectory ROOT/orders/_walq/quarantine']);
  });
});

describe('storing a dictionary', () => {
  it('makes it durable, whether it was created or found', async () => {
    const { store, since } = await recordedPlace();
    const bytes = Buffer.from('a dictionary');
    const create = () => store.dictionaries.create('orders', sha256Of(bytes), bytes);
    const folder = 'ROOT/orders/_walq/dictionaries';
    const made = syncs(await since(create));
    expect(made[0]).toBe(`file.sync ${folder}/TEMPORARY`);
    for (const directory of [folder, 'ROOT/orders/_walq', 'ROOT/orders', 'ROOT']) {
      expect(made).toContain(`syncDirectory ${directory}`);
    }
    expect(syncs(await since(create))).toEqual([
      `file.sync ${folder}/TEMPORARY`,
      `syncFile ${folder}/${sha256Of(bytes)}.dict`,
      `syncDirectory ${folder}`,
    ]);
  });
});

describe('what a publish finds', () => {
  it('takes a link whose answer was lost as its own success', async () => {
    const { root } = await newArchive();
    let lost = false;
    const disk = faultyDisk(nodeDisk, {
      onDone: (call) => {
        if (call.operation !== 'link' || lost) return;
        lost = true;
        throw Object.assign(new Error('file exists'), { code: 'EEXIST' });
      },
    });
    const store = openStore(root, { disk });
    expect(await put(store, keyOf(7), 'ours')).toBe('published');
    expect(lost).toBe(true);
  });

  it('fails when the published name is another file', async () => {
    const { root } = await newArchive();
    const other = await temporaryDirectory('other');
    const disk = faultyDisk(nodeDisk, {
      onDone: async (call) => {
        if (call.operation !== 'link' || call.to === undefined) return;
        const file = await nodeDisk.openNew(other.at('file'));
        await file.close();
        await nodeDisk.rename(other.at('file'), call.to);
      },
    });
    const key = archiveKeyOf('orders', { name: 'wal-7.bin', number: 7n });
    await expect(put(openStore(root, { disk }), key, 'ours')).rejects.toMatchObject({
      code: 'store-unavailable',
      class: 'retryable',
    });
  });
});
