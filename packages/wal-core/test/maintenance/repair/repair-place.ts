/** A source whose object does not decode, and what a test asks of its repair. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  listRepairs,
  listQuarantine,
  nodeDisk,
  openStore,
  Repairer,
  type Disk,
  type RepairerOptions,
  type RepairRun,
  type SegmentReport,
  type WalqError,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { expect } from 'vitest';
import { flipByte } from '../../support/flip-byte.ts';
import { nameOf, newPlace, segmentName, textOf, type Place } from '../../support/place.ts';

/** Segment 1 and 2 are flushed, and 1 is archived and damaged since. */
export async function damagedPlace(): Promise<Place> {
  const place = await newPlace();
  await place.archive1(1);
  await place.write(1, textOf(1));
  await flipByte(place.objectPath(1), 40);
  return place;
}

export type RepairTestOptions = Partial<Omit<RepairerOptions, 'source'>> & Partial<RepairRun>;

/** With a fresh repairer, as a new process would. Gives the reports, and the failures by segment. */
export async function repair(place: Place, options: RepairTestOptions = {}, numbers = [1]) {
  const {
    replaceCorrupt = true,
    replaceGrown,
    takeOver = false,
    onReplaced,
    signal,
    ...rest
  } = options;
  const failures = new Map<string, WalqError>();
  const repairer = await openRepairer(place, rest);
  const reports = await repairer.rearchive(numbers.map(segmentName), {
    replaceCorrupt,
    replaceGrown: replaceGrown === true,
    takeOver,
    onReplaced,
    ...(signal && { signal }),
    onSegment: (report: SegmentReport, failure?: WalqError) => {
      if (failure !== undefined) failures.set(report.segment, failure);
    },
  });
  return { outcome: reports[0]?.outcome, code: failures.get(nameOf(numbers[0] ?? 0))?.code };
}

export function openRepairer(place: Place, options: Partial<RepairerOptions> = {}) {
  const disk: Disk = options.disk ?? nodeDisk;
  return Repairer.open({
    disk,
    source: place.source,
    store: openStore(place.archive, { disk }),
    threads: createInlineThreads(disk),
    level: 3,
    conservative: true,
    worker: 'test:1',
    by: 'maria@db1',
    ...options,
  });
}

/** The bytes of every object that was moved aside. */
export async function asideOf(place: Place): Promise<readonly Buffer[]> {
  const folder = join(place.archive, 'orders/_walq/replaced');
  const names = await readdir(folder).catch(() => []);
  return Promise.all(names.map((name) => readFile(join(folder, name))));
}

/**
 * Whatever happened before: the object is right, the old one is kept, the source is gone, and everything is recorded.
 */
export async function expectRepaired(place: Place, damaged: Buffer): Promise<void> {
  expect(place.unpacked(1).toString()).toBe(textOf(1));
  const aside = await asideOf(place);
  expect(aside.length).toBeGreaterThan(0);
  for (const bytes of aside) expect(bytes.equals(damaged)).toBe(true);
  expect(await place.sourceNames()).not.toContain(nameOf(1));
  expect(await listQuarantine(place.store, 'orders')).toEqual([]);
  const replacements = (await listRepairs(place.store, 'orders')).filter(
    ({ began }) => began?.action === 'replace',
  );
  expect(replacements.length).toBeGreaterThan(0);
  for (const { ended } of replacements) {
    expect(ended?.outcome).toBe('the archive holds the content of the source');
  }
}

async function expectExplained(place: Place): Promise<void> {
  const repairs = await listRepairs(place.store, 'orders');
  expect(repairs.map(({ began }) => began?.action)).toContain('replace');
}

/** At any moment: what is not at the source is right in the archive, and the damaged object is somewhere. */
export async function expectNothingLost(place: Place, damaged: Buffer): Promise<void> {
  const source = await place.read(1).catch(() => undefined);
  if (source === undefined) expect(place.unpacked(1).toString()).toBe(textOf(1));
  else expect(source.toString()).toBe(textOf(1));
  const under = await readFile(place.objectPath(1)).catch(() => undefined);
  const aside = await asideOf(place);
  if (aside.length > 0) await expectExplained(place);
  const all = [...aside, ...(under === undefined ? [] : [under])];
  expect(all.some((bytes) => bytes.equals(damaged))).toBe(true);
}
