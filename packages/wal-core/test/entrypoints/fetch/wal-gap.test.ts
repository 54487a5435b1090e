/** When wal-fetch may report a WAL file as absent: only where the archive knows of nothing later. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  acknowledgeGap,
  fetchForRecovery,
  type RecoveryFetchOptions,
} from '@walq/wal-core/internal';
import { temporaryDirectory } from '@walq/test-support';
import { expect, test } from 'vitest';
import { optionsOf } from '../../support/archived-place.ts';
import { newPostgresPlace, type PostgresPlace } from '../../support/postgres-place.ts';

const seg = (timeline: number, number: number): string =>
  `0000000${timeline}00000000${number.toString(16).toUpperCase().padStart(8, '0')}`;
const historyOf = (timeline: number): string => `0000000${timeline}.history`;
const partial = (timeline: number, number: number) => `${seg(timeline, number)}.partial`;
const backup = (timeline: number, number: number) => `${seg(timeline, number)}.00000028.backup`;

/** Timeline 2 leaves timeline 1 in segment 6, timeline 3 leaves timeline 2 in segment 9; that of 4 is garbled. */
const historyTexts: Readonly<Record<string, string>> = {
  [historyOf(2)]: '1\t0/600100\tpromoted\n',
  [historyOf(3)]: '1\t0/600100\tpromoted\n2\t0/900000\tpromoted\n',
  [historyOf(4)]: '\0'.repeat(64),
};

async function archivedPlace(names: readonly string[]): Promise<PostgresPlace> {
  const place = await newPostgresPlace();
  await place.open();
  for (const name of names) {
    await place.cluster.ready(name, historyTexts[name] ?? place.cluster.segment(name));
    await place.archive(name);
  }
  return place;
}

async function fetching(
  place: PostgresPlace,
  name: string,
  more: Partial<RecoveryFetchOptions> = {},
): Promise<string> {
  const { at } = await temporaryDirectory('fetch');
  const options = { ...optionsOf(place), gapWaitMs: 0, ...more };
  return fetchForRecovery(options, name, at('RECOVERYXLOG'));
}

test.each<[string, readonly string[], string]>([
  ['the end of the archive', [seg(1, 1), seg(1, 2)], seg(1, 3)],
  ['far behind its end', [seg(1, 1), seg(1, 2)], seg(1, 9)],
  ['an archive without any WAL', [], seg(1, 1)],
  ['behind the newest history', [seg(1, 1), historyOf(2), seg(2, 6)], historyOf(3)],
  ['the history of the timeline that an archive begins with', [seg(2, 7), seg(2, 8)], historyOf(2)],
  ['no timeline but the first', [seg(1, 1)], historyOf(2)],
  ['the history that the first timeline has not', [seg(1, 1), historyOf(2)], historyOf(1)],
  ['before the start of its timeline', [seg(1, 5), historyOf(2), seg(2, 7)], seg(2, 5)],
  [
    'the old timeline, in the segment of the switch',
    [seg(1, 5), historyOf(2), seg(2, 6)],
    seg(1, 6),
  ],
  [
    'the old timeline, where it ends in a partial segment',
    [seg(1, 5), partial(1, 6), historyOf(2)],
    seg(1, 6),
  ],
  ['the new timeline, of which there is only the history', [seg(1, 5), historyOf(2)], seg(2, 6)],
  ['behind the switch on the old timeline', [seg(1, 5), historyOf(2), seg(2, 6)], seg(1, 7)],
  ['the end of the newest timeline', [seg(1, 5), historyOf(2), seg(2, 6)], seg(2, 7)],
  ['a partial segment', [seg(1, 1), seg(1, 4)], partial(1, 2)],
  ['the history of a backup', [seg(1, 1), seg(1, 4)], backup(1, 2)],
])('is absent: %s', async (_what, names, asked) => {
  expect(await fetching(await archivedPlace(names), asked)).toBe('absent');
});

test.each<[string, readonly string[], string, readonly string[]]>([
  [
    'a hole',
    [seg(1, 1), seg(1, 5)],
    seg(1, 3),
    [`3 segments are missing, ${seg(1, 2)} to ${seg(1, 4)}, between ${seg(1, 1)} and ${seg(1, 5)}`],
  ],
  ['before the first', [seg(1, 4), seg(1, 5)], seg(1, 2), [`holds ${seg(1, 4)}`]],
  [
    'a gap that the next 4 GiB prove',
    [seg(1, 1), '000000010000000100000002'],
    seg(1, 2),
    ['holds 000000010000000100000002', `between ${seg(1, 1)} and 000000010000000100000002`],
  ],
  [
    'the end of a timeline that another left later',
    [seg(1, 2), historyOf(2), seg(2, 6)],
    seg(1, 3),
    [`3 segments are missing, ${seg(1, 3)} to ${seg(1, 5)}, between ${seg(1, 2)} and ${seg(2, 6)}`],
  ],
  [
    'the end of a timeline whose successor has only a history file',
    [seg(1, 4), historyOf(2)],
    seg(1, 5),
    [`${seg(1, 5)} is missing between ${seg(1, 4)} and ${seg(2, 6)}`],
  ],
  [
    'the end of a timeline that only a later history mentions',
    [seg(1, 2), historyOf(3), seg(3, 9)],
    seg(1, 4),
    [`6 segments are missing, ${seg(1, 3)} to ${seg(2, 8)}`],
  ],
  [
    'the beginning of a timeline',
    [seg(1, 5), historyOf(2), seg(2, 8)],
    seg(2, 6),
    [`2 segments are missing, ${seg(2, 6)} to ${seg(2, 7)}`],
  ],
  [
    'an old timeline that continued, where it has a gap',
    [seg(1, 5), historyOf(2), seg(2, 6), seg(1, 9)],
    seg(1, 7),
    [`holds ${seg(1, 9)}`],
  ],
  ['what a partial segment proves', [seg(1, 1), partial(1, 4)], seg(1, 2), [partial(1, 4)]],
  ['what a backup proves', [seg(1, 1), backup(1, 2)], seg(1, 2), [backup(1, 2)]],
  [
    'a history before a later one',
    [seg(1, 1), historyOf(3)],
    historyOf(2),
    [`holds ${historyOf(3)}`, 'would not follow that timeline'],
  ],
  [
    'the history of a timeline that exists, after another',
    [seg(1, 5), seg(2, 7)],
    historyOf(2),
    [`holds ${seg(2, 7)}, and ${seg(1, 5)} of an earlier timeline`],
  ],
  [
    'the end of a timeline, where a later one has no history',
    [seg(1, 2), seg(2, 6)],
    seg(1, 3),
    [
      `holds ${seg(2, 6)} of a later timeline, and no history file states where that timeline begins`,
    ],
  ],
  [
    'the end of a timeline, where the history of a later one is damaged',
    [seg(1, 2), historyOf(4)],
    seg(1, 3),
    [`holds ${historyOf(4)} of a later timeline`, 'WAL may be missing here'],
  ],
])('is a gap: %s', async (_what, names, asked, parts) => {
  const failure = await fetching(await archivedPlace(names), asked).catch(
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({
    code: 'wal-gap',
    hint: expect.stringContaining('walq wal-fetch --allow-gap') as string,
  });
  expect(failure).toHaveProperty(
    'message',
    expect.stringContaining(`${asked} is not in the archive`),
  );
  for (const part of parts)
    expect(failure).toHaveProperty('message', expect.stringContaining(part));
});

test('an acknowledged gap does not end recovery either', async () => {
  const place = await archivedPlace([seg(1, 1), seg(1, 5)]);
  const words = { reason: 'lost in the move', by: 'ann', at: new Date().toISOString() };
  await acknowledgeGap(place.store, 'main', { after: seg(1, 1), before: seg(1, 5), ...words });
  await expect(fetching(place, seg(1, 2))).rejects.toMatchObject({
    code: 'wal-gap',
    message: expect.stringContaining('acknowledged by ann: lost in the move') as string,
  });
});

test('a file that arrives in the archive late is waited for', async () => {
  const place = await archivedPlace([seg(1, 1), seg(1, 3)]);
  await place.cluster.ready(seg(1, 2));
  const waiting = fetching(place, seg(1, 2), { gapWaitMs: 30_000 });
  await place.archive(seg(1, 2));
  expect(await waiting).toBe('fetched');
});

test('a segment that pg_wal has itself is not a gap, and a recycled file of that name is', async () => {
  const place = await archivedPlace([seg(1, 1), seg(1, 4)]);
  const { at } = await temporaryDirectory('pg_wal');
  const fetch = () =>
    fetchForRecovery({ ...optionsOf(place), gapWaitMs: 0 }, seg(1, 2), at('RECOVERYXLOG'));
  await writeFile(at(seg(1, 2)), place.cluster.segment(seg(1, 1)));
  await expect(fetch()).rejects.toMatchObject({ code: 'wal-gap' });
  await writeFile(at(seg(1, 2)), place.cluster.segment(seg(1, 2)).subarray(0, 4096));
  await expect(fetch()).rejects.toMatchObject({ code: 'wal-gap' });
  await writeFile(at(seg(1, 2)), place.cluster.segment(seg(1, 2)));
  expect(await fetch()).toBe('absent');
});

test('a history that does not decode fails the fetch: nothing is concluded about its timeline', async () => {
  const place = await archivedPlace([seg(1, 5), historyOf(2)]);
  const path = join(new URL(place.store.url).pathname, 'main/00000002/00000002.history.zst');
  const object = await readFile(path);
  object[12] = (object[12] ?? 0) ^ 0xff;
  await writeFile(path, object);
  await expect(fetching(place, seg(1, 6))).rejects.toMatchObject({ code: 'object-corrupt' });
});

test('a segment of another size does not belong to this archive', async () => {
  const place = await archivedPlace([seg(1, 1)]);
  const root = new URL(place.store.url).pathname;
  const record = join(root, 'main/_walq/source.json');
  await mkdir(dirname(record), { recursive: true });
  const said = JSON.parse(await readFile(record, 'utf8')) as { naming?: unknown };
  expect(said).toMatchObject({ naming: { kind: 'postgres' } });
  await writeFile(record, JSON.stringify(said).replaceAll('1048576', '16777216'));
  await expect(fetching(place, '000000010000000000000FFF')).rejects.toMatchObject({
    code: 'usage',
  });
});
