/** verify, repair, status and wal-fetch find the same gaps in one archive, whatever is missing. */
import { rm } from 'node:fs/promises';
import { temporaryDirectory } from '@walq/test-support';
import { expect, test } from 'vitest';
import {
  acknowledgeGap,
  createInspector,
  explainKnownGap,
  fetchForRecovery,
  listGaps,
  nodeDisk,
  postgresNaming,
  RepairLog,
  verifyArchive,
} from '@walq/wal-core/internal';
import { optionsOf } from '../../support/archived-place.ts';
import { newPostgresPlace, type PostgresPlace } from '../../support/postgres-place.ts';

const seg = (timeline: number, number: number): string =>
  `0000000${timeline}00000000${number.toString(16).toUpperCase().padStart(8, '0')}`;

/** Archived, and gone from the source. */
async function archivedPlace(...names: readonly string[]): Promise<PostgresPlace> {
  const place = await newPostgresPlace();
  await place.open();
  const { cluster } = place;
  for (const name of names) {
    await cluster.ready(
      name,
      name.endsWith('y') ? '1\t0/600000\tpromoted\n' : cluster.segment(name),
    );
    await place.archive(name);
    await rm(cluster.walPath(name));
    await rm(cluster.statusPath(`${name}.ready`));
  }
  return place;
}

async function foundBy({ store, source, cluster }: PostgresPlace) {
  const at = {
    store,
    source: 'main',
    naming: postgresNaming(cluster.segmentBytes),
    consecutive: true,
    atSource: [],
  };
  const { signal } = new AbortController();
  return {
    verify: (await verifyArchive({ ...at, signal })).gaps,
    repair: await listGaps(at),
    status: (await createInspector({ disk: nodeDisk, source, store }).snapshot()).gaps,
  };
}

const HISTORY = '00000002.history';

test.each<[string, readonly string[], [string, string, number][]]>([
  ['nothing', [seg(1, 4), seg(1, 5), HISTORY, seg(2, 6)], []],
  ['a hole', [seg(1, 1), seg(1, 2), seg(1, 5)], [[seg(1, 2), seg(1, 5), 2]]],
  [
    'the end of a timeline that another follows',
    [seg(1, 1), seg(1, 2), HISTORY, seg(2, 6)],
    [[seg(1, 2), seg(2, 6), 3]],
  ],
  [
    'the end of a timeline and the beginning of the next',
    [seg(1, 2), HISTORY, seg(2, 8)],
    [[seg(1, 2), seg(2, 8), 5]],
  ],
  [
    'the end of a timeline whose successor has only a history file',
    [seg(1, 2), HISTORY],
    [[seg(1, 2), seg(2, 6), 3]],
  ],
  [
    'a segment after a switch',
    [seg(1, 5), HISTORY, seg(2, 6), seg(2, 8)],
    [[seg(2, 6), seg(2, 8), 1]],
  ],
])('all find it where %s is missing', async (_what, names, expected) => {
  const place = await archivedPlace(...names);
  const gaps = expected.map(([after, before, missing]) => ({
    source: 'main',
    after,
    before,
    missing,
    acknowledged: null,
  }));
  const found = await foundBy(place);
  expect(found).toEqual({ verify: gaps, repair: gaps, status: gaps });
  for (const { after, before } of gaps) {
    const { at } = await temporaryDirectory('fetch');
    const next = seg(Number(after.slice(0, 8)), Number(`0x${after.slice(16)}`) + 1);
    const asking = fetchForRecovery({ ...optionsOf(place), gapWaitMs: 0 }, next, at('X'));
    await expect(asking).rejects.toMatchObject({
      code: 'wal-gap',
      message: expect.stringContaining(`between ${after} and ${before}`) as string,
    });
  }
  for (const gap of found.repair) {
    const log = new RepairLog({ store: place.store, source: 'main', by: 'test' });
    const words = { ...gap, reason: 'lost', by: 'test' };
    const way = { store: place.store, source: 'main', log };
    expect(await explainKnownGap(way, found.repair, words)).toBe('created');
  }
  const known = await foundBy(place);
  for (const all of Object.values(known)) {
    expect(all.map(({ acknowledged }) => acknowledged?.reason)).toEqual(gaps.map(() => 'lost'));
  }
});

test('a gap acknowledged before a lone history file stays acknowledged when the timeline continues', async () => {
  const place = await archivedPlace(seg(1, 2), HISTORY);
  const { store, cluster } = place;
  const at = new Date().toISOString();
  const gap = { after: seg(1, 2), before: seg(2, 6), reason: 'lost', by: 'test', at };
  await acknowledgeGap(store, 'main', gap);
  await cluster.ready(seg(2, 6));
  await place.archive(seg(2, 6));
  const { repair } = await foundBy(place);
  expect(repair).toMatchObject([{ missing: 3, acknowledged: { reason: 'lost' } }]);
});
