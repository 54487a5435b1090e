import { appendFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { nodeDisk, watermarkPath, type Disk, extendLease, newLease } from '@walq/wal-core/internal';
import { faultyDisk, systemError } from '@walq/conformance';
import { expect, test } from 'vitest';
import { nameOf, newPlace, textOf } from '../support/place.ts';

test('a segment that is written again before its deletion is kept', async () => {
  const place = await newPlace();
  const onStep = async (step: string) => {
    if (step === 'compare-source') await appendFile(place.pathOf(1), 'more');
  };
  await expect(place.archive1(1, { onStep })).rejects.toMatchObject({ code: 'source-changed' });
  expect((await place.read(1)).toString()).toBe(`${textOf(1)}more`);
});

test('a segment that is replaced by an file of equal size and time before its deletion is kept', async () => {
  const place = await newPlace();
  const onStep = async (step: string) => {
    if (step !== 'compare-source') return;
    await writeFile(`${place.pathOf(1)}.new`, textOf(9).slice(0, textOf(1).length));
    await rename(`${place.pathOf(1)}.new`, place.pathOf(1));
  };
  await expect(place.archive1(1, { onStep })).rejects.toMatchObject({ code: 'source-changed' });
  expect(await place.sourceNames()).toContain(nameOf(1));
});

test('a segment that is written again with its length and its time kept is kept', async () => {
  const place = await newPlace();
  // A whole second, which every filesystem stores exactly.
  await utimes(place.pathOf(1), 1_000_000, 1_000_000);
  const onStep = async (step: string) => {
    if (step !== 'compare-source') return;
    await writeFile(place.pathOf(1), textOf(9));
    await utimes(place.pathOf(1), 1_000_000, 1_000_000);
  };
  await expect(place.archive1(1, { onStep })).rejects.toMatchObject({ code: 'source-changed' });
  expect((await place.read(1)).toString()).toBe(textOf(9));
});

test.each(['device', 'inode', 'size', 'mtimeNs', 'ctimeNs'] as const)(
  'a segment of which only the %s changed before its deletion is kept',
  async (part) => {
    const place = await newPlace();
    let isCompared = false;
    const disk: Disk = {
      ...nodeDisk,
      lstat: async (path) => {
        const state = await nodeDisk.lstat(path);
        if (!isCompared || path !== place.pathOf(1)) return state;
        return { ...state, [part]: state[part] + 1n };
      },
    };
    const onStep = (step: string) => void (isCompared ||= step === 'compare-source');
    const work = place.archive1(1, { disk, onStep });
    await expect(work).rejects.toMatchObject({ code: 'source-changed' });
    expect(await place.sourceNames()).toContain(nameOf(1));
  },
);

test.each(['lstat', 'unlink'] as const)(
  'a source file is kept where %s fails before or at its deletion, and the failure is reported',
  async (operation) => {
    const place = await newPlace();
    let isCompared = false;
    const disk = faultyDisk(nodeDisk, {
      onCall: (call) => {
        const isIt = call.operation === operation && call.path === place.pathOf(1);
        if (isCompared && isIt) throw systemError('EIO', call);
      },
    });
    const onStep = (step: string) => void (isCompared ||= step === 'compare-source');
    const work = place.archive1(1, { disk, onStep });
    await expect(work).rejects.toMatchObject({ code: 'source-io' });
    expect((await place.read(1)).toString()).toBe(textOf(1));
  },
);

test.each(['compare-source', 'unlink-source'])(
  'a source that another process deletes before the step %s is archived',
  async (at) => {
    const place = await newPlace();
    const onStep = async (step: string) => {
      if (step === at) await rm(place.pathOf(1));
    };
    expect(await place.archive1(1, { onStep })).toMatchObject({ outcome: 'archived' });
  },
);

test.each([1, 9])('a watermark that is set to %d in between stops the deletion', async (back) => {
  const place = await newPlace();
  const { sourceId } = await place.open();
  const path = watermarkPath(place.source);
  const onStep = async (step: string) => {
    if (step !== 'confirm') return;
    await writeFile(path, JSON.stringify({ version: 1, sourceId, segment: nameOf(back) }));
  };
  await expect(place.archive1(2, { onStep })).rejects.toMatchObject({
    code: back === 1 ? 'segment-not-flushed' : 'source-reset',
    class: 'refused',
  });
  expect(await place.sourceNames()).toHaveLength(3);
});

test('a run whose lease has ended keeps the source', async () => {
  const place = await newPlace();
  const lease = newLease(-1);
  await expect(place.archive1(1, { lease })).rejects.toMatchObject({ code: 'cancelled' });
  expect(await place.sourceNames()).toContain(nameOf(1));
});

test('a lease that ends in the last step before the deletion counts', async () => {
  const place = await newPlace();
  const lease = newLease(60_000);
  const onStep = (step: string) => {
    if (step === 'unlink-source') extendLease(lease, -1);
  };
  await expect(place.archive1(1, { onStep, lease })).rejects.toMatchObject({ code: 'cancelled' });
  expect(await place.sourceNames()).toContain(nameOf(1));
});

test('a source that keeps its segments keeps them', async () => {
  const place = await newPlace({ source: { afterArchive: 'keep' } });
  await place.archive1(1);
  expect(await place.sourceNames()).toHaveLength(3);
});

test('with skip_newest every file is kept, even if the source is configured to delete', async () => {
  const rule = { sealedRule: { kind: 'skip-newest', count: 1 }, afterArchive: 'delete' } as const;
  const place = await newPlace({ source: rule });
  await place.open();
  expect(await place.archive1(1)).toMatchObject({ outcome: 'archived' });
  expect(await place.sourceNames()).toHaveLength(3);
});
