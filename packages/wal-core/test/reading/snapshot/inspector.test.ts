import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  acknowledgeGap,
  createInspector,
  nodeDisk,
  openSource,
  openStore,
  quarantineSegment,
  type FailureCode,
  type Inspector,
} from '@walq/wal-core/internal';
import { faultyDisk, MemoryStore } from '@walq/conformance';
import { nameOf, newPlace, textOf, type Place } from '../../support/place.ts';

const texts = Object.fromEntries([1, 2, 3, 4, 5, 6].map((number) => [number, textOf(number)]));

const inspectorOf = ({ source, store }: Place): Inspector =>
  createInspector({ disk: nodeDisk, source, store });

const moveAside = ({ store }: Place, number: number, code: FailureCode) =>
  quarantineSegment(store, 'orders', {
    segment: nameOf(number),
    code,
    message: 'odd',
    hint: 'compare both',
    quarantinedAt: new Date().toISOString(),
    worker: 'test:1',
  });

async function partlyArchived(source = {}): Promise<Place> {
  const place = await newPlace({ segments: texts, flushedUpTo: 5, source });
  for (const number of [1, 2, 3]) await place.archive1(number);
  return place;
}

it('reports backlog, archive, ratio and free space', async () => {
  const place = await partlyArchived();
  const { figures, gaps, quarantined } = await inspectorOf(place).snapshot();
  expect(figures).toMatchObject({
    dueSegments: 2,
    dueBytes: textOf(4).length + textOf(5).length,
    archivedSegments: 3,
    lastArchived: { segment: nameOf(3) },
    openGaps: 0,
    quarantinedSegments: 0,
    lostSegments: 0,
  });
  expect(figures.recentRatio).toBeGreaterThan(1);
  expect(figures.sourceSpace?.freeBytes).toBeGreaterThan(0);
  expect(figures.archiveSpace?.sizeBytes).toBeGreaterThan(0);
  expect({ gaps, quarantined }).toEqual({ gaps: [], quarantined: [] });
});

it('reports the levels of the newest segments, without those too short to be measured', async () => {
  const segments = { ...texts, 4: 'a history file' };
  const place = await newPlace({ segments, flushedUpTo: 4 });
  for (const [number, level] of [1, 5, 5, 19].entries()) {
    await place.archive1(number + 1, { level });
  }
  expect((await inspectorOf(place).snapshot()).recentLevels).toEqual([5, 1]);
  await rm(place.objectPath(1));
  await rm(place.objectPath(2));
  await rm(place.objectPath(3));
  expect((await inspectorOf(place).snapshot()).recentLevels).toEqual([19]);
});

it('reports a gap, and who acknowledged it', async () => {
  const place = await partlyArchived();
  await rm(place.objectPath(2));
  const inspector = inspectorOf(place);
  expect((await inspector.snapshot()).gaps).toMatchObject([{ missing: 1, acknowledged: null }]);
  const gap = { after: nameOf(1), before: nameOf(3), reason: 'disk 3', by: 'ops' };
  await acknowledgeGap(place.store, 'orders', { ...gap, at: new Date().toISOString() });
  const { figures, gaps } = await inspector.snapshot();
  expect(figures).toMatchObject({ openGaps: 0, acknowledgedGaps: 1 });
  expect(gaps).toMatchObject([{ missing: 1, acknowledged: { reason: 'disk 3' } }]);
});

it('shows a quarantined segment at its position, and a lost one as the gap it leaves', async () => {
  const place = await partlyArchived();
  await moveAside(place, 4, 'duplicate');
  await rm(place.objectPath(2));
  await moveAside(place, 2, 'segment-lost');
  const { figures, spans } = await inspectorOf(place).snapshot();
  expect(figures).toMatchObject({
    dueSegments: 1,
    quarantinedSegments: 2,
    lostSegments: 1,
    openGaps: 1,
  });
  expect(spans.map(({ state }) => state)).toEqual([
    'archived',
    'missing',
    'archived',
    'quarantined',
    'due',
  ]);
});

const statesOf = async (place: Place) =>
  (await inspectorOf(place).snapshot()).spans.map(({ state }) => state);

const oneInQuarantine = ['archived', 'archived', 'archived', 'quarantined', 'due'];

it('shows a quarantined segment also where its record is damaged', async () => {
  const place = await partlyArchived();
  await moveAside(place, 4, 'duplicate');
  const folder = join(place.archive, 'orders/_walq/quarantine');
  for (const name of await readdir(folder)) await writeFile(join(folder, name), '');
  expect(await statesOf(place)).toEqual(oneInQuarantine);
});

it('shows a lost segment where the engine skips numbers, too', async () => {
  const place = await partlyArchived({ consecutive: false });
  await moveAside(place, 4, 'segment-lost');
  await rm(place.pathOf(4));
  expect(await statesOf(place)).toEqual(oneInQuarantine);
});

it('finds no false gap while segments arrive and are archived', async () => {
  const place = await newPlace({ segments: { 9_997: 'a', 9_998: 'b' }, flushedUpTo: 9_998 });
  await place.archive1(9_997);
  const secondShard = join(place.archive, 'orders/00000001');
  await mkdir(secondShard);
  let duringList = async (): Promise<void> => {};
  const disk = faultyDisk(nodeDisk, {
    onCall: ({ operation, path }) =>
      operation === 'list' && path === secondShard ? duringList() : undefined,
  });
  const { source, archive } = place;
  const inspector = createInspector({ disk, source, store: openStore(archive, { disk }) });
  expect((await inspector.snapshot()).gaps).toEqual([]);
  // The first shard is listed already: 9,999 is not seen there, and 10,000 in the second one is.
  duringList = async () => {
    duringList = async () => {};
    for (const number of [9_999, 10_000, 10_002, 10_003]) await place.write(number, 'x');
    await place.flush(10_002);
    for (const number of [9_998, 9_999, 10_000, 10_002]) await place.archive1(number);
  };
  const busy = await inspector.snapshot();
  expect(busy.spans.at(-1)).toMatchObject({ state: 'archived', last: nameOf(10_002) });
  expect(busy.gaps).toEqual([]);
  const gap = { after: nameOf(10_000), before: nameOf(10_002) };
  expect((await inspector.snapshot()).gaps).toMatchObject([gap]);
});

it('finds a gap in an archive that reaches beyond its source, at the first snapshot', async () => {
  const place = await newPlace({
    segments: texts,
    source: { afterArchive: 'keep', sealedRule: { kind: 'skip-newest', count: 1 } },
  });
  await place.open();
  for (const number of [1, 2, 3]) await place.archive1(number);
  await rm(place.objectPath(2));
  for (const number of [2, 3, 4, 5, 6]) await rm(place.pathOf(number));
  const { gaps } = await inspectorOf(place).snapshot();
  expect(gaps).toMatchObject([{ after: nameOf(1), before: nameOf(3) }]);
});

it('works with any store', async () => {
  const { source } = await newPlace();
  const store = new MemoryStore();
  await openSource({ disk: nodeDisk, source, store, registerIfNew: true });
  const { figures, spans } = await createInspector({ disk: nodeDisk, source, store }).snapshot();
  expect(figures).toMatchObject({ dueSegments: 2, archivedSegments: 0, archiveSpace: null });
  expect(spans.map(({ state }) => state)).toEqual(['due', 'due']);
});

it('counts segments of a kept source once, although they are in both places', async () => {
  const place = await partlyArchived({ afterArchive: 'keep' });
  const inspector = inspectorOf(place);
  for (const snapshot of [await inspector.snapshot(), await inspector.snapshot()]) {
    expect(snapshot.figures).toMatchObject({ dueSegments: 2, archivedSegments: 3, openGaps: 0 });
    expect(snapshot.spans.map(({ count }) => count)).toEqual([1, 1, 1, 1, 1]);
  }
});

it('shows a part of the archive by itself', async () => {
  const place = await partlyArchived();
  const range = { from: nameOf(2), until: nameOf(4) };
  const spans = await inspectorOf(place).spans(range);
  expect(spans.map(({ first, state }) => [first, state])).toEqual([
    [nameOf(2), 'archived'],
    [nameOf(3), 'archived'],
    [nameOf(4), 'due'],
  ]);
});

it('rejects when source or archive is missing, instead of showing an empty one', async () => {
  const place = await partlyArchived();
  const inspector = inspectorOf(place);
  await rename(place.archive, `${place.archive}.away`);
  await expect(inspector.snapshot()).rejects.toMatchObject({ code: 'store-unavailable' });
  await rename(`${place.archive}.away`, place.archive);
  await rename(place.source.directory, `${place.source.directory}.away`);
  await expect(inspector.snapshot()).rejects.toMatchObject({ code: 'source-unavailable' });
});

it('skips an object whose manifest is damaged', async () => {
  const place = await partlyArchived();
  await writeFile(place.objectPath(3), 'no manifest');
  const { figures } = await inspectorOf(place).snapshot();
  expect(figures).toMatchObject({ archivedSegments: 3, lastArchived: null });
  expect(figures.recentRatio).toBeGreaterThan(1);
});

it('measures a part of a long backlog, and still reports its length, bytes and age', async () => {
  const segments = Object.fromEntries(
    Array.from({ length: 5_001 }, (_, index) => [index + 1, 'eight by']),
  );
  const place = await newPlace({ segments, flushedUpTo: 5_000 });
  const checked = new Set<string>();
  const disk = faultyDisk(nodeDisk, {
    onCall: ({ operation, path }) => {
      if (operation === 'lstat' && path.includes(nameOf(1).slice(0, 4))) checked.add(path);
    },
  });
  const { figures } = await createInspector({
    disk,
    source: place.source,
    store: place.store,
  }).snapshot();
  expect(figures).toMatchObject({ dueSegments: 5_000, dueBytes: 40_000 });
  expect(figures.oldestDueAgeMs).toBeGreaterThanOrEqual(0);
  expect(checked.size).toBeLessThan(4_200);
});
