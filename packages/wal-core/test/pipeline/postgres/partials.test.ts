/** Two servers promoted from one segment leave a `.partial` with the same name each: the archive keeps both. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createDueView,
  fetchFile,
  listArchive,
  nodeDisk,
  useMarker,
  verifyArchive,
} from '@walq/wal-core/internal';
import { expect, test } from 'vitest';
import { objectPath, optionsOf } from '../../support/archived-place.ts';
import { newPostgresPlace, type PostgresPlace } from '../../support/postgres-place.ts';

const SEGMENT = '000000010000000000000002';
const PARTIAL = `${SEGMENT}.partial`;

const contentOf = (place: PostgresPlace, server: string): Buffer =>
  place.cluster.segment(SEGMENT, server);

/** The `.partial` of a server, archived. */
async function archivePartial(place: PostgresPlace, server: string) {
  await place.cluster.ready(PARTIAL, contentOf(place, server));
  return place.archive(PARTIAL);
}

async function withPartials(...servers: readonly string[]): Promise<PostgresPlace> {
  const place = await newPostgresPlace();
  await place.open();
  for (const server of servers) {
    expect(await archivePartial(place, server)).toMatchObject({ outcome: 'archived' });
  }
  return place;
}

async function namesIn(place: PostgresPlace): Promise<string[]> {
  const { source } = await place.open();
  const options = { store: place.store, source: 'main', naming: source.naming };
  const names: string[] = [];
  for await (const { segment } of listArchive(options)) names.push(segment);
  return names;
}

test('each is kept under a name of its own, acknowledged, and found again', async () => {
  const place = await withPartials('first', 'second', 'third');
  const open = await place.open();
  const names = await namesIn(place);
  const named = new RegExp(`^${SEGMENT}\\.[0-9a-f]{16}\\.partial$`);
  expect(names).toEqual([expect.stringMatching(named), expect.stringMatching(named), PARTIAL]);

  for (const server of ['first', 'second', 'third']) {
    expect(await archivePartial(place, server)).toMatchObject({ outcome: 'already-archived' });
    expect(await createDueView(nodeDisk, open).scan(10)).toMatchObject({ dueCount: 0 });
    expect(await useMarker(nodeDisk, open, PARTIAL)).toBe(true);
  }
  expect(await namesIn(place)).toEqual(names);

  const contents: string[] = [];
  for (const name of names) {
    const destination = join(place.cluster.dataDirectory, 'fetched');
    expect(await fetchFile(optionsOf(place), name, destination)).toBe('fetched');
    contents.push((await readFile(destination)).toString('latin1', 40, 52));
  }
  expect(contents.join()).toMatch(/first/);
  expect(contents.join()).toMatch(/second/);
  expect(contents.join()).toMatch(/third/);
});

test('they do not count as gaps, and each is verified', async () => {
  const place = await withPartials('first', 'second');
  const { source } = await place.open();
  for (const name of ['000000010000000000000001', SEGMENT, '000000010000000000000003']) {
    await place.cluster.ready(name);
    await place.archive(name);
  }
  const objects: string[] = [];
  const found = await verifyArchive({
    store: place.store,
    source: 'main',
    naming: source.naming,
    consecutive: true,
    atSource: [],
    readsManifests: true,
    signal: new AbortController().signal,
    onObject: ({ key }) => objects.push(key.segment),
  });
  expect(found).toMatchObject({ gaps: [], corrupt: [] });
  expect(objects).toHaveLength(5);
});

test('two that are published at the same time are both kept', async () => {
  const place = await withPartials();
  await place.cluster.ready(PARTIAL, contentOf(place, 'first'));
  let isBeaten = false;
  const onStep = async (step: string): Promise<void> => {
    if (step !== 'publish' || isBeaten) return;
    isBeaten = true;
    const other = await newPostgresPlace();
    await other.open();
    await archivePartial(other, 'second');
    const object = await readFile(objectPath(other, PARTIAL));
    await writeFile(objectPath(place, PARTIAL), object, { flag: 'wx' });
  };
  expect(await place.archive(PARTIAL, { onStep })).toMatchObject({ outcome: 'archived' });
  expect(await namesIn(place)).toHaveLength(2);
});

test('a damaged one is replaced by its own source, and the other one is not touched', async () => {
  const place = await withPartials('first', 'second');
  const [other = ''] = await namesIn(place);
  const first = await readFile(objectPath(place, PARTIAL));
  const second = await readFile(objectPath(place, other));
  await writeFile(objectPath(place, other), 'damaged');
  await expect(place.archive(PARTIAL)).rejects.toMatchObject({ code: 'object-foreign' });
  const { source } = place;
  const repairer = await place.repairer();
  const name = source.naming.parse(PARTIAL);
  if (name === undefined) throw new Error('no WAL file');
  const { signal } = new AbortController();
  const run = { replaceCorrupt: true, takeOver: false, signal };
  const [report] = await repairer.rearchive([name], run);
  expect(report).toMatchObject({ segment: PARTIAL, outcome: 'already-archived' });
  expect(await readFile(objectPath(place, PARTIAL))).toEqual(first);
  expect((await readFile(objectPath(place, other))).length).toBe(second.length);
});

test.each(['00000002.history', `${SEGMENT}.00000028.backup`, SEGMENT])(
  'two files named %s with different content are a conflict that needs a person',
  async (name) => {
    const place = await withPartials();
    const content = (text: string) =>
      name === SEGMENT ? contentOf(place, text) : `1\t0/2000000\t${text}\n`;
    await place.cluster.ready(name, content('first'));
    await place.archive(name);
    await place.cluster.ready(name, content('second'));
    await expect(place.archive(name)).rejects.toMatchObject({ code: 'duplicate' });
    expect(await namesIn(place)).toEqual([name]);
  },
);
