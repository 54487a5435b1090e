import { rm, writeFile } from 'node:fs/promises';
import {
  explainKnownGap,
  listAcknowledgedGaps,
  listGaps,
  listQuarantine,
  listRepairs,
  findRepairs,
  quarantineSegment,
  releaseSegment,
  RepairLog,
} from '@walq/wal-core/internal';
import { MemoryStore } from '@walq/conformance';
import { expect, onTestFinished, test } from 'vitest';
import { nameOf, newPlace, segmentName, textOf, type Place } from '../../support/place.ts';
import { openRepairer } from './repair-place.ts';

const segments = { 1: textOf(1), 2: textOf(2), 3: textOf(3), 4: textOf(4), 5: textOf(5) };

const moveAside = (place: Place, number: number, code: 'duplicate' | 'worker-stalled') =>
  quarantineSegment(place.store, 'orders', {
    segment: nameOf(number),
    code,
    message: 'odd',
    hint: 'compare both',
    quarantinedAt: new Date().toISOString(),
    worker: 'w',
  });

test('objects that disappeared from the archive of a kept source are archived again', async () => {
  const place = await newPlace({ segments, flushedUpTo: 4, source: { afterArchive: 'keep' } });
  for (const number of [1, 2, 3, 4]) await place.archive1(number);
  await rm(place.objectPath(2));
  await writeFile(place.objectPath(3), 'damaged');
  const repairer = await openRepairer(place);
  const found = await repairer.segments();
  expect(found.map(({ name }) => name)).toEqual([1, 2, 3, 4].map(nameOf));
  const healths: string[] = [];
  for await (const { health } of repairer.check(found, new AbortController().signal)) {
    healths.push(health.kind);
  }
  expect(healths).toEqual(['sound', 'absent', 'damaged', 'sound']);
  const reports = await repairer.rearchiveAll(found, { replaceCorrupt: true, takeOver: false });
  expect(reports.map(({ outcome }) => outcome)).toEqual([
    'already-archived',
    'archived',
    'already-archived',
    'already-archived',
  ]);
  for (const number of [1, 2, 3, 4]) expect(place.unpacked(number).toString()).toBe(textOf(number));
  expect(await place.sourceNames()).toEqual([1, 2, 3, 4, 5].map(nameOf));
  const repairs = await listRepairs(place.store, 'orders');
  expect(repairs[0]).toMatchObject({
    began: { action: 'rearchive' },
    ended: { outcome: '4 of 4 segments at the source are in the archive' },
  });
});

test('a proved segment is released, others stay quarantined, and one that killed workers is not tried', async () => {
  const place = await newPlace({ segments, flushedUpTo: 4 });
  await place.archive1(2);
  await place.write(2, 'other content');
  for (const number of [1, 2]) await moveAside(place, number, 'duplicate');
  await moveAside(place, 3, 'worker-stalled');
  const repairer = await openRepairer(place);
  const found = await repairer.segments();
  expect(found.map(({ name }) => name)).toEqual([1, 2, 4].map(nameOf));
  const reports = await repairer.rearchiveAll(found, { replaceCorrupt: true, takeOver: false });
  expect(reports.map(({ outcome }) => outcome)).toEqual(['archived', 'duplicate', 'archived']);
  const left = await listQuarantine(place.store, 'orders');
  expect(left.map(({ segment }) => segment)).toEqual([2, 3].map(nameOf));
  expect(await place.sourceNames()).toEqual([2, 3, 5].map(nameOf));
});

test('each needed repair comes with a command that can be copied', async () => {
  const store = new MemoryStore();
  onTestFinished(() => store.close());
  const about = { message: 'odd', hint: 'old', worker: 'w' };
  const later = { ...about, quarantinedAt: '2026-02-02T00:00:00.000Z' };
  await quarantineSegment(store, 'orders', { ...later, segment: "it's 7", code: 'object-corrupt' });
  const first = { ...about, quarantinedAt: '2026-01-01T00:00:00.000Z' };
  await quarantineSegment(store, 'orders', { ...first, segment: 'wal-9', code: 'duplicate' });
  const { quarantined } = await findRepairs(store, 'orders');
  expect(quarantined.map(({ segment }) => segment)).toEqual(['wal-9', "it's 7"]);
  expect(quarantined[0]?.advice).toContain('walq repair orders --release wal-9.');
  expect(quarantined[1]?.advice).toContain(`walq repair orders --replace-corrupt 'it'\\''s 7'`);
});

test('releasing and acknowledging are recorded, with who and why, also where they fail', async () => {
  const place = await newPlace({ segments, flushedUpTo: 4 });
  for (const number of [1, 3, 4]) await place.archive1(number);
  await moveAside(place, 2, 'duplicate');
  const { store } = place;
  const log = new RepairLog({ store, source: 'orders', by: 'maria@db1' });
  const at = { store, source: 'orders', log };
  for (const record of await listQuarantine(store, 'orders')) {
    await Promise.all([releaseSegment(at, record), releaseSegment(at, record)]);
  }
  expect(await listQuarantine(store, 'orders')).toEqual([]);
  const { naming } = place.source;
  const listOpen = (atSource: readonly number[]) =>
    listGaps({
      store,
      naming,
      source: 'orders',
      consecutive: true,
      atSource: atSource.map(segmentName),
    });
  expect(await listOpen([2])).toEqual([]);
  const gap = { after: nameOf(1), before: nameOf(3) };
  expect(await listOpen([])).toMatchObject([{ ...gap, missing: 1, acknowledged: null }]);
  const words = { ...gap, reason: 'lost with disk 3', by: 'maria@db1' };
  await expect(explainKnownGap(at, [], words)).rejects.toMatchObject({ code: 'usage' });
  expect(await explainKnownGap(at, await listOpen([]), words)).toBe('created');
  expect(await explainKnownGap(at, await listOpen([]), words)).toBe('exists');
  expect(await listAcknowledgedGaps(store, 'orders')).toMatchObject([words]);
  const failing = log.around(
    { action: 'release', why: 'odd' },
    () => Promise.reject(new Error('no room')),
    () => '',
  );
  await expect(failing).rejects.toThrow('no room');
  const recorded = await listRepairs(store, 'orders');
  expect(recorded.map(({ began, ended }) => [began?.action, ended?.outcome])).toEqual([
    ['release', 'released from quarantine'],
    ['release', 'released from quarantine'],
    ['acknowledge-gap', 'acknowledged the gap'],
    ['acknowledge-gap', 'the gap was already acknowledged'],
    ['release', 'failed: no room'],
  ]);
  expect(recorded.every(({ began }) => began?.by === 'maria@db1')).toBe(true);
});

test('a damaged record is reported as such, and hides no other', async () => {
  const store = new MemoryStore();
  onTestFinished(() => store.close());
  const log = new RepairLog({ store, source: 'orders', by: 'maria@db1' });
  await log.around({ action: 'release', why: 'odd' }, async () => 1, String);
  await store.records.create('orders', 'repairs/x-began', 'half a rec');
  await store.records.create('orders', 'repairs/something-else', '{}');
  expect(await listRepairs(store, 'orders')).toMatchObject([
    { id: 'x', began: null, ended: null },
    { began: { action: 'release' }, ended: { outcome: '1' } },
  ]);
  expect((await findRepairs(store, 'orders')).unfinished).toMatchObject([{ id: 'x' }]);
});
