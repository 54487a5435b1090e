import { readdir } from 'node:fs/promises';
import { WalqError, isWalqError, nodeDisk, openStore, type ArchiveStore } from '@walq/wal-core';
import { failCall, faultyDisk, type DiskCall } from '@walq/wal-core/testing';
import { describe, expect, it } from 'vitest';
import { directoryPlace } from './directory-place.ts';
import { keyOf, put, textOf } from './objects.ts';

const CALLS_MAX = 200;
const contents = 'whole contents';

type Work = (store: ArchiveStore) => Promise<unknown>;
type Moment = 'onCall' | 'onDone';

/** Runs the work once for each of its calls on the disk, on a new archive, that call failing. */
async function failingEachCall(
  prepare: Work,
  work: Work,
  moment: Moment,
  code: string,
  check: (store: ArchiveStore, failure: unknown, root: string) => Promise<void>,
): Promise<number> {
  for (let number = 1; number <= CALLS_MAX; number += 1) {
    const { store: healthy, root } = await directoryPlace();
    await prepare(healthy);
    let calls = 0;
    const hook = failCall(number, code);
    const count = (call: DiskCall) => {
      calls = call.number;
      hook(call);
    };
    const store = openStore(root, { disk: faultyDisk(nodeDisk, { [moment]: count }) });
    const failure = await work(store).then(
      () => undefined,
      (error: unknown) => error,
    );
    await check(openStore(root, { disk: nodeDisk }), failure, root);
    if (calls < number) return calls;
  }
  throw new Error(`the work made more than ${CALLS_MAX} calls`);
}

function expectRetryable(failure: unknown): void {
  if (failure === undefined) return;
  expect(failure).toBeInstanceOf(WalqError);
  expect(isWalqError(failure) ? failure.class : failure).toBe('retryable');
}

const nothing: Work = async () => {};
const moments: readonly Moment[] = ['onCall', 'onDone'];

describe.each(moments)('a disk call that fails (%s)', (moment) => {
  it('leaves no object or a whole one, whichever call of staging and publishing it is', async () => {
    const calls = await failingEachCall(
      nothing,
      (store) => put(store, keyOf(7), contents),
      moment,
      'EIO',
      async (store, failure) => {
        expectRetryable(failure);
        const found = await textOf(store, keyOf(7));
        if (failure === undefined) expect(found).toBe(contents);
        else expect([undefined, contents]).toContain(found);
        await put(store, keyOf(7), contents);
        await store.settle(keyOf(7));
        expect(await textOf(store, keyOf(7))).toBe(contents);
      },
    );
    expect(calls).toBeGreaterThan(8);
  });

  it('leaves the winner’s object untouched, whichever call of the loser it is', async () => {
    await failingEachCall(
      (store) => put(store, keyOf(7), 'the winner'),
      async (store) => {
        await put(store, keyOf(7), contents);
        await store.settle(keyOf(7));
      },
      moment,
      'EIO',
      async (store, failure) => {
        expectRetryable(failure);
        expect(await textOf(store, keyOf(7))).toBe('the winner');
      },
    );
  });

  it('leaves no record or a whole one', async () => {
    await failingEachCall(
      nothing,
      (store) => store.records.create('orders', 'quarantine/a', contents),
      moment,
      'ENOSPC',
      async (store, failure) => {
        expectRetryable(failure);
        const found = await store.records.read('orders', 'quarantine/a');
        if (failure === undefined) expect(found).toBe(contents);
        else expect([undefined, contents]).toContain(found);
        await store.records.create('orders', 'quarantine/a', contents);
        expect(await store.records.read('orders', 'quarantine/a')).toBe(contents);
      },
    );
  });

  it('is named and can be tried again, whichever call of looking, sweeping and removing it is', async () => {
    const prepare: Work = async (store) => {
      await put(store, keyOf(7), contents);
      await store.records.create('orders', 'quarantine/a', contents);
    };
    const looking: Work = async (store) => {
      await store.stat(keyOf(7));
      await store.readTail(keyOf(7), 5);
      await store.fetch(keyOf(8));
      for await (const keys of store.list('orders')) expect(keys).toHaveLength(1);
      await store.listSources();
      await store.records.list('orders', 'quarantine');
      await store.records.read('orders', 'quarantine/a');
      await store.sweep('orders');
      await store.records.remove('orders', 'quarantine/a');
    };
    for (const code of ['EIO', 'EMFILE']) {
      await failingEachCall(prepare, looking, moment, code, async (store, failure) => {
        expectRetryable(failure);
        expect(await textOf(store, keyOf(7))).toBe(contents);
        await looking(store);
      });
    }
  });

  it('fails the probe with a name, and leaves nothing but what could not be removed', async () => {
    await failingEachCall(
      nothing,
      (store) => store.probe(),
      moment,
      'EIO',
      async (store, failure, root) => {
        expectRetryable(failure);
        expect((await readdir(root)).length).toBeLessThanOrEqual(1);
        await store.probe();
      },
    );
  });
});
