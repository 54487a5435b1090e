import { existsSync } from 'node:fs';
import { mkdir, readdir, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  archiveKeyOf,
  claiming,
  createArchiver,
  createThreadPool,
  markerDirectory,
  nodeDisk,
  pushSegment,
  quarantineSegment,
  writeHeartbeat,
  useMarker,
  walqDirectory,
  type AheadFailure,
  type Archiver,
  type PushReport,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { expect, onTestFinished, test } from 'vitest';
import { newPostgresPlace, type PostgresPlace } from '../../support/postgres-place.ts';

const FIRST = '000000010000000000000001';
const SECOND = '000000010000000000000002';
const THIRD = '000000010000000000000003';

interface Pushing {
  readonly name?: string;
  readonly signal?: AbortSignal;
  readonly archiver?: () => Archiver;
  readonly onAheadFailure?: (failure: AheadFailure) => void;
}

async function push(place: PostgresPlace, pushing: Pushing = {}): Promise<PushReport> {
  const { name = FIRST, signal = new AbortController().signal, ...rest } = pushing;
  const open = await place.open();
  const segment = open.source.naming.parse(name);
  if (segment === undefined) throw new Error(`${name} was not understood`);
  const archiver = () => archiverOf(place);
  return pushSegment({ disk: nodeDisk, open, signal, archiver, ...rest }, segment);
}

const archiverOf = (place: PostgresPlace, threads = createInlineThreads(nodeDisk)): Archiver =>
  createArchiver({
    disk: nodeDisk,
    threads,
    storeOf: () => place.store,
    level: 3,
    conservative: true,
    worker: 'test:1',
  });

const neverArchives = (): Archiver => {
  throw new Error('nobody is to archive here');
};

async function isArchived(place: PostgresPlace, name: string): Promise<boolean> {
  const segment = place.source.naming.parse(name);
  if (segment === undefined) throw new Error(`${name} was not understood`);
  return (await place.store.stat(archiveKeyOf('main', segment))) !== undefined;
}

async function readyPlace(...names: string[]): Promise<PostgresPlace> {
  const place = await newPostgresPlace();
  for (const name of names) await place.cluster.ready(name);
  await place.open();
  return place;
}

test('a file that a role has archived is acknowledged, once', async () => {
  const place = await readyPlace(FIRST);
  await place.archive(FIRST);
  expect(await push(place, { archiver: neverArchives })).toMatchObject({ outcome: 'acknowledged' });
  await expect(push(place, { archiver: neverArchives })).rejects.toThrow('nobody is to archive');
});

test('without running roles it archives the file itself', async () => {
  const place = await readyPlace(FIRST);
  expect(await push(place)).toEqual({ segment: FIRST, outcome: 'archived', ahead: 0 });
  expect(await isArchived(place, FIRST)).toBe(true);
  expect(await useMarker(nodeDisk, await place.open(), FIRST)).toBe(false);
});

test('used markers do not accumulate without a producer', async () => {
  const place = await readyPlace(FIRST, SECOND);
  await push(place);
  const markers = markerDirectory(await place.open());
  expect(await readdir(markers)).toEqual([SECOND]);
  // As the shell fast path uses it.
  await truncate(join(markers, SECOND));
  for (const name of [FIRST, SECOND]) await place.cluster.done(name);
  await place.cluster.ready(THIRD);
  await push(place, { name: THIRD });
  expect(await readdir(markers)).toEqual([]);
});

test('ready files after it are archived too, and acknowledged when PostgreSQL requests them', async () => {
  const place = await readyPlace(FIRST, SECOND, THIRD);
  const threads = createThreadPool({ parallelism: 2 });
  onTestFinished(() => threads.close());
  const archiver = () => archiverOf(place, threads);
  expect(await push(place, { archiver })).toEqual({
    segment: FIRST,
    outcome: 'archived',
    ahead: 2,
  });
  for (const name of [SECOND, THIRD]) {
    expect(await push(place, { name, archiver: neverArchives })).toMatchObject({
      outcome: 'acknowledged',
    });
  }
});

test('a later file that fails is reported, and does not fail the call', async () => {
  const place = await readyPlace(FIRST, SECOND, THIRD);
  await place.cluster.ready(SECOND, 'damaged');
  const failures: string[] = [];
  const report = await push(place, {
    onAheadFailure: ({ segment, failure }) => failures.push(`${segment} ${failure.code}`),
  });
  expect(report).toMatchObject({ outcome: 'archived', ahead: 1 });
  expect(failures).toEqual([`${SECOND} segment-malformed`]);
  expect(await isArchived(place, THIRD)).toBe(true);
});

test('a file that is in the archive with the same content is a success', async () => {
  const place = await readyPlace(FIRST);
  await push(place);
  expect(await push(place)).toMatchObject({ outcome: 'archived' });
});

test('a file that is in the archive with different content is rejected', async () => {
  const place = await readyPlace(FIRST);
  await push(place);
  await place.cluster.ready(FIRST, place.cluster.segment(FIRST, 'again'));
  await expect(push(place)).rejects.toMatchObject({ code: 'duplicate' });
});

test('a file that a worker has claimed is waited for', async () => {
  const place = await readyPlace(FIRST);
  const pushing = claiming(nodeDisk, place.source, [FIRST], async () => {
    const pushed = push(place, { archiver: neverArchives });
    await place.archive(FIRST);
    return pushed;
  });
  expect(await pushing).toMatchObject({ outcome: 'acknowledged' });
});

test('a claim of a dead process is waited for only briefly', async () => {
  const place = await readyPlace(FIRST);
  const claimed = claiming(nodeDisk, place.source, [FIRST], () => push(place));
  expect(await claimed).toMatchObject({ outcome: 'archived' });
});

/** A claim of a process that died some time ago. */
async function oldClaim(place: PostgresPlace, name: string): Promise<string> {
  const path = join(walqDirectory(place.source), 'in-work', name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, '');
  await utimes(path, 1, 1);
  return path;
}

test('an old claim is not waited for, and whoever archives the file removes it', async () => {
  const place = await readyPlace(FIRST, SECOND);
  const claims = [await oldClaim(place, FIRST), await oldClaim(place, SECOND)];
  const pushed = await push(place, { signal: AbortSignal.timeout(3_000) });
  expect(pushed).toEqual({ segment: FIRST, outcome: 'archived', ahead: 1 });
  for (const claim of claims) expect(existsSync(claim)).toBe(false);
});

test('an old claim on a file that PostgreSQL has its answer for is swept', async () => {
  const place = await readyPlace(FIRST);
  const claim = await oldClaim(place, SECOND);
  await push(place);
  expect(existsSync(claim)).toBe(false);
});

test('roles that do not claim the file are waited for only briefly', async () => {
  const place = await readyPlace(FIRST);
  for (const role of ['producer', 'worker'] as const)
    await writeHeartbeat(nodeDisk, place.source, role);
  expect(await push(place)).toMatchObject({ outcome: 'archived' });
});

test('running roles have time to claim the file', async () => {
  const place = await readyPlace(FIRST);
  for (const role of ['producer', 'worker'] as const)
    await writeHeartbeat(nodeDisk, place.source, role);
  const pushing = push(place, { archiver: neverArchives });
  await place.archive(FIRST);
  expect(await pushing).toMatchObject({ outcome: 'acknowledged' });
});

test('a quarantined file is rejected with its reason, and does not block others', async () => {
  const place = await readyPlace(FIRST, SECOND);
  await quarantineSegment(place.store, 'main', {
    segment: FIRST,
    quarantinedAt: new Date().toISOString(),
    worker: 'test:1',
    code: 'duplicate',
    message: 'other content is there',
    hint: 'Compare both.',
  });
  await expect(push(place)).rejects.toMatchObject({
    code: 'segment-quarantined',
    message: expect.stringContaining('other content is there') as string,
    hint: expect.stringContaining('PostgreSQL waits for this file') as string,
  });
  expect(await push(place, { name: SECOND })).toMatchObject({ outcome: 'archived' });
});

test('a file that is not ready is rejected', async () => {
  const place = await readyPlace(FIRST);
  await expect(push(place, { name: SECOND })).rejects.toMatchObject({
    code: 'segment-not-flushed',
  });
});

test('it ends when it is aborted', async () => {
  const place = await readyPlace(FIRST);
  const pushing = claiming(nodeDisk, place.source, [FIRST], () =>
    push(place, { signal: AbortSignal.timeout(50), archiver: neverArchives }),
  );
  await expect(pushing).rejects.toMatchObject({ code: 'cancelled' });
});
