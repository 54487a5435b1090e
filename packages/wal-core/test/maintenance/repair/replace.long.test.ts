import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import {
  findQuarantined,
  isWalqError,
  listRepairs,
  nodeDisk,
  RepairLog,
} from '@walq/wal-core/internal';
import { faultyDisk, systemError, type DiskCall } from '@walq/conformance';
import { expect, test } from 'vitest';
import { restate } from '../../support/bomb.ts';
import { nameOf, newPlace, textOf } from '../../support/place.ts';
import {
  asideOf,
  damagedPlace,
  expectNothingLost,
  expectRepaired,
  openRepairer,
  repair,
} from './repair-place.ts';

test('an object that does not decode is replaced from its source, and moved aside', async () => {
  const place = await damagedPlace();
  const damaged = await readFile(place.objectPath(1));
  await expect(place.archive1(1)).rejects.toMatchObject({ code: 'object-corrupt' });
  const replaced: string[][] = [];
  const onReplaced = (...names: string[]) => void replaced.push(names);
  expect(await repair(place, { onReplaced })).toEqual({ outcome: 'already-archived' });
  await expectRepaired(place, damaged);
  const [first] = await listRepairs(place.store, 'orders');
  expect(first).toMatchObject({
    began: { action: 'replace', segment: nameOf(1), by: 'maria@db1' },
    aside: replaced[0]?.[1],
  });
  expect(first?.began?.why).toMatch(/is damaged.*\(object-corrupt\)/);
});

test('the rest of an object, or a file that never was one, is replaced too', async () => {
  for (const damage of [
    (path: string) => truncate(path, 100),
    (path: string) => truncate(path, 0),
    (path: string) => writeFile(path, 'of another program'),
  ]) {
    const place = await damagedPlace();
    await damage(place.objectPath(1));
    const damaged = await readFile(place.objectPath(1));
    await repair(place);
    await expectRepaired(place, damaged);
  }
});

test('a sound object that names another segment, which nothing restores, is replaced too', async () => {
  for (const said of [{ segment: nameOf(2) }, { source: 'ledger' }]) {
    const place = await newPlace();
    await place.archive1(1);
    await place.write(1, textOf(1));
    await restate(place.objectPath(1), said);
    const other = await readFile(place.objectPath(1));
    expect(await repair(place, { replaceCorrupt: false })).toMatchObject({ code: 'duplicate' });
    expect(await repair(place)).toEqual({ outcome: 'already-archived' });
    await expectRepaired(place, other);
  }
});

test('nothing is replaced without the option', async () => {
  const place = await damagedPlace();
  const damaged = await readFile(place.objectPath(1));
  expect(await repair(place, { replaceCorrupt: false })).toMatchObject({ code: 'object-corrupt' });
  expect(await readFile(place.objectPath(1))).toEqual(damaged);
  expect(await findQuarantined(place.store, 'orders', nameOf(1))).toBeDefined();
  expect(await listRepairs(place.store, 'orders')).toEqual([]);
});

test('an object that decodes is never changed, whatever its content', async () => {
  const place = await newPlace();
  await place.archive1(1);
  for (const content of [textOf(1), 'other content']) {
    await place.write(1, content);
    const before = await readFile(place.objectPath(1));
    const isSame = content === textOf(1);
    const ended = isSame ? { outcome: 'already-archived' } : { code: 'duplicate' };
    expect(await repair(place)).toMatchObject(ended);
    expect(await readFile(place.objectPath(1))).toEqual(before);
    expect(existsSync(place.pathOf(1))).toBe(!isSame);
  }
  expect(await asideOf(place)).toEqual([]);
  expect(await listRepairs(place.store, 'orders')).toEqual([]);
});

test('nothing is replaced from a source file that is missing, not flushed, not a segment or not readable', async () => {
  const gone = await damagedPlace();
  await rm(gone.pathOf(1));
  expect(await repair(gone)).toMatchObject({ code: 'object-corrupt' });

  const malformed = await damagedPlace();
  await rm(malformed.pathOf(1));
  await symlink('elsewhere', malformed.pathOf(1));
  expect(await repair(malformed)).toMatchObject({ code: 'segment-malformed' });

  const open = await damagedPlace();
  await mkdir(open.objectPath(3).replace(/[^/]*$/, ''), { recursive: true });
  await writeFile(open.objectPath(3), 'damaged');
  expect(await repair(open, {}, [3])).toMatchObject({ code: 'segment-not-flushed' });

  const foreign = await damagedPlace();
  await rm(foreign.objectPath(1));
  await mkdir(foreign.objectPath(1));
  expect(await repair(foreign)).toMatchObject({ code: 'object-foreign' });
  for (const place of [gone, malformed, open, foreign]) {
    expect(await asideOf(place)).toEqual([]);
    expect(existsSync(place.objectPath(1))).toBe(true);
    expect(await listRepairs(place.store, 'orders')).toEqual([]);
  }
});

test('an object that cannot be read now does not count as damaged', async () => {
  const place = await damagedPlace();
  const disk = faultyDisk(nodeDisk, {
    onCall: ({ operation, path }) => {
      if (operation !== 'file.read' || !path.includes('archive/orders/0')) return;
      throw Object.assign(new Error('EIO'), { code: 'EIO' });
    },
  });
  expect(await repair(place, { disk })).toMatchObject({ code: 'store-unavailable' });
  expect(await asideOf(place)).toEqual([]);
});

const deadly =
  'find stage compress begin-replace move-aside record-moved publish confirm make-durable compare-source unlink-source sync-source end-replace';

test.each(deadly.split(' '))(
  'after a crash before the step %s the next repair finishes the replacement',
  async (step) => {
    const place = await damagedPlace();
    const damaged = await readFile(place.objectPath(1));
    const onStep = (at: string) => {
      if (at === step) throw new Error('killed');
    };
    // A failure of the archiving is one of the segment; of the journal one of the run.
    await repair(place, { onStep }).catch((error: unknown) => {
      expect(error).toMatchObject({ message: 'killed' });
    });
    await expectNothingLost(place, damaged);
    await repair(place);
    await expectRepaired(place, damaged);
  },
);

const changing: readonly DiskCall['operation'][] = [
  'link',
  'rename',
  'unlink',
  'syncDirectory',
  'openNew',
  'file.sync',
];

test.each(['onCall', 'onDone'] as const)(
  'whichever change on the disk fails (%s), nothing is lost and the next repair finishes it',
  async (moment) => {
    for (let number = 1; number < 1_000; number += 1) {
      const place = await damagedPlace();
      const damaged = await readFile(place.objectPath(1));
      let calls = 0;
      const hook = (call: DiskCall) => {
        if (!changing.includes(call.operation)) return;
        calls += 1;
        if (calls === number) throw systemError('EIO', call);
      };
      const disk = faultyDisk(nodeDisk, { [moment]: hook });
      await repair(place, { disk }).catch((error: unknown) => {
        expect(isWalqError(error) || error instanceof Error).toBe(true);
      });
      await expectNothingLost(place, damaged);
      await repair(place);
      await expectRepaired(place, damaged);
      if (calls < number) return;
    }
    expect.unreachable('the repair made more calls than it was tried with');
  },
);

test('of two concurrent repairs one replaces, and only the damaged object is moved aside', async () => {
  for (let round = 0; round < 5; round += 1) {
    const place = await damagedPlace();
    const damaged = await readFile(place.objectPath(1));
    const outcomes = await Promise.all([repair(place), repair(place), repair(place)]);
    for (const { code } of outcomes) expect([undefined, 'repair-in-progress']).toContain(code);
    expect(outcomes.some(({ code }) => code === undefined)).toBe(true);
    await repair(place);
    await expectRepaired(place, damaged);
  }
});

test('while one repair replaces, another reports that it must wait, and changes nothing', async () => {
  const place = await damagedPlace();
  const damaged = await readFile(place.objectPath(1));
  const codes: (string | undefined)[] = [];
  const onStep = async (step: string) => {
    if (step === 'move-aside') codes.push((await repair(place)).code);
  };
  expect(await repair(place, { onStep })).toEqual({ outcome: 'already-archived' });
  expect(codes).toEqual(['repair-in-progress']);
  expect(await asideOf(place)).toHaveLength(1);
  await repair(place);
  await expectRepaired(place, damaged);
});

test.each(['move-aside', 'record-moved', 'publish', 'confirm'])(
  'a worker may archive the segment before %s',
  async (step) => {
    const place = await damagedPlace();
    const damaged = await readFile(place.objectPath(1));
    let isFirst = true;
    const onStep = async (at: string) => {
      if (at !== step || !isFirst) return;
      isFirst = false;
      await place.archive1(1).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'object-corrupt' });
      });
    };
    await repair(place, { onStep });
    await expectNothingLost(place, damaged);
    await repair(place);
    expect(place.unpacked(1).toString()).toBe(textOf(1));
    expect(await place.sourceNames()).not.toContain(nameOf(1));
  },
);

test('a replacement that another instance started is left to it, unless --take-over is set', async () => {
  const place = await damagedPlace();
  const damaged = await readFile(place.objectPath(1));
  const { source } = await openRepairer(place);
  const other = 'd6d0f3b0-8f25-4f3e-9a44-6b7a0a4b1c11';
  await beginAsOther(place.store, source.name, other);
  expect(await repair(place)).toMatchObject({ code: 'repair-in-progress' });
  expect(await readFile(place.objectPath(1))).toEqual(damaged);
  expect(await repair(place, { takeOver: true })).toEqual({ outcome: 'already-archived' });
  await expectRepaired(place, damaged);
});

async function beginAsOther(store: Parameters<typeof listRepairs>[0], source: string, id: string) {
  const log = new RepairLog({ store, source, by: 'john@db2' });
  const name = createHash('sha256').update(nameOf(1)).digest('hex');
  const what = { action: 'replace', segment: nameOf(1), sourceId: id, why: 'odd' } as const;
  expect(await log.beginAs(`${name}-000001`, what)).toBe('created');
}

test('a repair that is cancelled changes nothing more', async () => {
  const place = await damagedPlace();
  const damaged = await readFile(place.objectPath(1));
  const controller = new AbortController();
  const onStep = (step: string) => {
    if (step === 'begin-replace') controller.abort();
  };
  const cancelled = repair(place, { onStep, signal: controller.signal });
  await cancelled.catch((error: unknown) => expect(error).toMatchObject({ code: 'cancelled' }));
  await expectNothingLost(place, damaged);
  await repair(place);
  await expectRepaired(place, damaged);
});
