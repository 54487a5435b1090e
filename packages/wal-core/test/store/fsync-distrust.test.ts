import { nodeDisk, openStore } from '@walq/wal-core/internal';
import { faultyDisk, failOperation, type DiskCall } from '@walq/conformance';
import { describe, expect, it } from 'vitest';
import { newArchive } from './directory-archive.ts';
import { keyOf, put } from './objects.ts';

/** A disk of which the first call of a kind fails, and all later ones succeed. */
function failingOnce(operation: DiskCall['operation'], path: RegExp, code = 'EIO') {
  let failed = false;
  const fail = failOperation(operation, code, path);
  return faultyDisk(nodeDisk, {
    onCall: (call) => {
      if (failed) return;
      try {
        fail(call);
      } catch (error) {
        failed = true;
        throw error;
      }
    },
  });
}

describe('a failed fsync', () => {
  it('of an object is not undone by a later one that succeeds', async () => {
    const { store: other, root } = await newArchive();
    await put(other, keyOf(7), 'by another process');
    await put(other, keyOf(8), 'healthy');
    const store = openStore(root, { disk: failingOnce('file.sync', /wal-7/) });

    await expect(store.makeDurable(keyOf(7))).rejects.toMatchObject({ code: 'store-fsync-failed' });
    await expect(store.makeDurable(keyOf(7))).rejects.toMatchObject({ code: 'store-fsync-failed' });
    await store.makeDurable(keyOf(8));
    await other.makeDurable(keyOf(7));
  });

  it('also fails a concurrent call whose own fsync succeeded', async () => {
    const { store: other, root } = await newArchive();
    await put(other, keyOf(7), 'by another process');
    let twinSyncs = 0;
    let bothThere = () => {};
    const bothAreThere = new Promise<void>((resolve) => (bothThere = resolve));
    const store = openStore(root, {
      disk: faultyDisk(nodeDisk, {
        onCall: async (call) => {
          if (call.operation !== 'file.sync') return;
          twinSyncs += 1;
          if (twinSyncs === 1) {
            await bothAreThere;
            failOperation('file.sync', 'EIO')(call);
          }
          bothThere();
          await new Promise(setImmediate);
        },
      }),
    });
    const [first, second] = await Promise.allSettled([
      store.makeDurable(keyOf(7)),
      store.makeDurable(keyOf(7)),
    ]);
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'store-fsync-failed' } });
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'store-fsync-failed' } });
  });

  it('of a directory fails the publish, and is not undone by a later one that succeeds', async () => {
    const { root } = await newArchive();
    const store = openStore(root, { disk: failingOnce('syncDirectory', /00000000$/) });
    await expect(put(store, keyOf(7), 'ours')).rejects.toMatchObject({
      code: 'store-fsync-failed',
      class: 'retryable',
    });
    expect(await put(store, keyOf(7), 'again')).toBe('exists');
    await expect(store.makeDurable(keyOf(7))).rejects.toMatchObject({ code: 'store-fsync-failed' });
    await openStore(root, { disk: nodeDisk }).makeDurable(keyOf(7));
  });

  it('of a parent for a temporary reason is repeated: a directory counts as durable only after success', async () => {
    const { root } = await newArchive();
    const syncs: string[] = [];
    const once = failingOnce('syncDirectory', /orders$/, 'ESTALE');
    const onDone = (call: DiskCall) => {
      if (call.operation === 'syncDirectory') syncs.push(call.path.replace(root, 'ROOT'));
    };
    const store = openStore(root, { disk: faultyDisk(once, { onDone }) });
    await expect(put(store, keyOf(7), 'ours')).rejects.toMatchObject({
      code: 'store-fsync-failed',
    });
    syncs.length = 0;
    await store.makeDurable(keyOf(7));
    expect(syncs).toContain('ROOT/orders');
  });
});
