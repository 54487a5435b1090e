import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '@walq/test-support';
import { newSite, type Site } from './site.ts';

const lsnOf = (site: Site) => site.server.query('select pg_current_wal_lsn()');

/** The same instance ends its recovery on a timeline of its own. */
async function promote(site: Site): Promise<void> {
  const { server } = site;
  await server.stop();
  await server.signalFile('recovery.signal');
  await server.start();
  await eventually(async () => expect(await server.query('select pg_is_in_recovery()')).toBe('f'));
}

/** The position of the last mark, in an archived segment. */
async function write(site: Site, marks: number): Promise<string> {
  let last = '';
  for (let n = 0; n < marks; n += 1) {
    await site.server.query('insert into marks values (1)');
    last = await lsnOf(site);
    await site.untilArchived(await site.server.switchWal());
  }
  return last;
}

test('an archive of three timelines is verified as one way, and restored along it by LSN', async () => {
  const site = await newSite();
  await site.server.configure(`restore_command = '${site.restoreCommand}'`);
  await site.server.query('create table marks (n int)');
  const from = await lsnOf(site);
  await write(site, 2);
  await promote(site);
  await write(site, 2);
  await promote(site);
  const until = await write(site, 2);

  const verified = JSON.parse(await site.walq('verify', '--deep', '--json')) as object;
  expect(verified).toEqual({
    ok: true,
    segments: expect.any(Number),
    contentsRead: { days: 30, segments: expect.any(Number) },
    gaps: [],
    corrupt: [],
    undecided: [],
    changedAtSource: [],
  });

  const back = site.at('back');
  const range = ['--from-lsn', from, '--until-lsn', until];
  await site.walq('restore', 'main', '--to', back, ...range);
  const names = (await readdir(back)).toSorted();
  expect(names).toEqual(expect.arrayContaining(['00000002.history', '00000003.history']));
  const segments = names.filter((name) => /^[0-9A-F]{24}$/.test(name));
  expect(new Set(segments.map((name) => name.slice(0, 8)))).toEqual(
    new Set(['00000001', '00000002', '00000003']),
  );
  const numbers = segments.map((name) => Number.parseInt(name.slice(8), 16));
  expect(numbers).toEqual(numbers.map((_, at) => (numbers[0] ?? 0) + at));

  const lost = segments.find((name) => name.startsWith('00000002')) ?? '';
  await rm(join(site.archive, 'main', lost.slice(0, 16), `${lost}.zst`));
  await expect(site.walq('verify')).rejects.toThrow();
  await expect(site.walq('restore', 'main', '--to', site.at('again'), ...range)).rejects.toThrow(
    /are missing in the requested range/,
  );
});
