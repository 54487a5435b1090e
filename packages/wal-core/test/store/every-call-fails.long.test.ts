import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  WalqError,
  isWalqError,
  nodeDisk,
  openStore,
  sha256Of,
  type ArchiveStore,
} from '@walq/wal-core/internal';
import { failCall, faultyDisk, type DiskCall } from '@walq/conformance';
import { describe, expect, it } from 'vitest';
import { newArchive } from './directory-archive.ts';
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
    const { store: healthy, root } = await newArchive();
    await prepare(healthy);
    let calls = 0;
    const hook = failCall(number, code);
    const count = (call: DiskCall) => {
      // Calls at the same time are done in any order.
      calls = Math.max(calls, call.number);
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

async function asideTexts(root: string): Promise<readonly string[]> {
  const folder = join(root, 'orders', '_walq', 'replaced');
  const names = await readdir(folder).catch(() => []);
  return Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
}

function expectRetryable(failure: unknown): void {
  if (failure === undefined) return;
  expect(failure).toBeInstanceOf(WalqError);
  expect(isWalqError(failure) ? failure.class : failure).toBe('retryable');
}

const nothing: Work = async () => {};
const moments: readonly Moment[] = ['onCall', 'onDone'];

describe.each(moments)('a disk call that fails (%s)', (moment) => {
  it('leaves no object or a whole one, in every call of staging and publishing', async () => {
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
        await store.makeDurable(keyOf(7));
        expect(await textOf(store, keyOf(7))).toBe(contents);
      },
    );
    expect(calls).toBeGreaterThan(8);
  });

  it('leaves the winner’s object unchanged, in every call of the loser', async () => {
    await failingEachCall(
      (store) => put(store, keyOf(7), 'the winner'),
      async (store) => {
        await put(store, keyOf(7), contents);
        await store.makeDurable(keyOf(7));
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

  it('leaves a whole object or none, and can be repeated, in every call of removing', async () => {
    await failingEachCall(
      async (store) => {
        await put(store, keyOf(7), contents);
        await put(store, keyOf(8), contents);
      },
      async (store) => {
        await store.remove(keyOf(7));
        await store.remove(keyOf(7));
      },
      moment,
      'EIO',
      async (store, failure) => {
        expectRetryable(failure);
        const found = await textOf(store, keyOf(7));
        if (failure === undefined) expect(found).toBeUndefined();
        else expect([undefined, contents]).toContain(found);
        await store.remove(keyOf(7));
        expect(await textOf(store, keyOf(7))).toBeUndefined();
        expect(await textOf(store, keyOf(8))).toBe(contents);
      },
    );
  });

  it('leaves an object under its key or moved aside, in every call of moving it aside', async () => {
    const calls = await failingEachCall(
      (store) => put(store, keyOf(7), contents),
      (store) => store.moveAside(keyOf(7)),
      moment,
      'EIO',
      async (store, failure, root) => {
        expectRetryable(failure);
        const found = await textOf(store, keyOf(7));
        expect([undefined, contents]).toContain(found);
        const aside = await asideTexts(root);
        expect(new Set([...aside, found])).toContain(contents);
        expect(new Set(aside)).not.toContain('');
        if (failure === undefined) expect([found, aside]).toEqual([undefined, [contents]]);
        await store.moveAside(keyOf(7));
        expect(await store.stat(keyOf(7))).toBeUndefined();
        expect(new Set(await asideTexts(root))).toEqual(new Set([contents]));
      },
    );
    expect(calls).toBeGreaterThan(8);
  });

  it('leaves no dictionary or a whole one, in every call of storing and finding it', async () => {
    const bytes = Buffer.from(contents);
    const sha256 = sha256Of(bytes);
    const keep: Work = (store) => store.dictionaries.create('orders', sha256, bytes);
    for (const prepare of [nothing, keep]) {
      await failingEachCall(prepare, keep, moment, 'EIO', async (store, failure) => {
        expectRetryable(failure);
        const found = await store.dictionaries.read('orders', sha256);
        if (failure === undefined) expect(found).toEqual(bytes);
        await keep(store);
        expect(await store.dictionaries.read('orders', sha256)).toEqual(bytes);
      });
    }
  });

  it('is reported and can be repeated, in every call of reading, sweeping and removing', async () => {
    const prepare: Work = async (store) => {
      await put(store, keyOf(7), contents);
      await store.records.create('orders', 'quarantine/a', contents);
    };
    const reading: Work = async (store) => {
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
      await failingEachCall(prepare, reading, moment, code, async (store, failure) => {
        expectRetryable(failure);
        expect(await textOf(store, keyOf(7))).toBe(contents);
        await reading(store);
      });
    }
  });

  it('fails the probe with a code, and leaves only what could not be removed', async () => {
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
