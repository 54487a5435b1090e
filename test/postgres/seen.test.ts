import { readFile, writeFile } from 'node:fs/promises';
import { eventually, freePort, startRedis } from '@walq/test-support';
import { expect, test } from 'vitest';
import { newSite, walq, type Site } from './site.ts';

interface Seen {
  readonly headline: { readonly sentence: string; readonly level: string };
  readonly sources: readonly {
    readonly figuresFrom: string;
    readonly backlog: { readonly segments: number } | null;
    readonly archived: { readonly segments: number; readonly last: { readonly segment: string } };
    readonly openGaps: number;
    readonly quarantined: number;
    readonly disks: readonly object[];
  }[];
}

interface Map {
  readonly segments: number;
  readonly cells: readonly { readonly first: string; readonly counts: object }[];
}

/** A role that says what it does at a port of its own. */
async function watchedRole(site: Site, role: string, ...args: string[]): Promise<string> {
  const at = `127.0.0.1:${await freePort()}`;
  const all = [`WALQ_METRICS__LISTEN=${at}`, walq, role, '--config', site.config, ...args];
  const running = await site.owner.start('env', all);
  await running.waitForLine(
    role === 'worker' ? /taking archive jobs/ : new RegExp(`${role} ready`),
  );
  return `http://${at}/metrics`;
}

const json = async <T>(url: string, headers: Record<string, string> = {}): Promise<T> =>
  (await (await fetch(url, { headers })).json()) as T;

test('after a promotion the page shows no gap at the switch, no backlog and every file on the map', async () => {
  const redis = await startRedis();
  const site = await newSite({ redisUrl: redis.url });
  const { server } = site;
  const roles = [await watchedRole(site, 'producer'), await watchedRole(site, 'worker')];
  const listen = `127.0.0.1:${await freePort()}`;
  roles.push(await watchedRole(site, 'dashboard', '--listen', listen));
  await server.query('create table marks (n int)');
  await server.baseBackup(site.at('backup'));
  await site.untilArchived(await server.switchWal());

  // The same instance ends its recovery on a timeline of its own.
  await server.stop();
  await server.configure(`restore_command = '${site.restoreCommand}'`);
  await server.signalFile('recovery.signal');
  await server.start();
  await eventually(async () => expect(await server.query('select pg_is_in_recovery()')).toBe('f'));
  await server.query('insert into marks values (1)');
  const last = await server.switchWal();
  expect(last).toMatch(/^00000002/);
  await site.untilArchived(last);

  const state = await eventually(async () => {
    const seen = await json<Seen>(`http://${listen}/api/state`);
    expect(seen.sources[0]).toMatchObject({
      figuresFrom: 'dashboard',
      backlog: { segments: 0 },
      archived: { last: { segment: last } },
    });
    expect(seen.headline).toMatchObject({
      level: 'ok',
      sentence: 'All flushed WAL is archived.',
    });
    expect(seen.sources[0]).toMatchObject({ openGaps: 0, quarantined: 0 });
    return seen;
  });
  expect(state.sources[0]?.disks).toHaveLength(2);
  const map = await json<Map>(`http://${listen}/api/sources/main/map`);
  expect(map.segments).toBe(state.sources[0]?.archived.segments);
  expect(map.cells.map(({ first }) => first)).toEqual(
    expect.arrayContaining(['00000002.history', expect.stringMatching(/\.backup$/), last]),
  );
  expect(map.cells.filter(({ counts }) => !('archived' in counts))).toEqual([]);
  for (const url of roles) {
    const text = await (await fetch(url)).text();
    expect(text).not.toMatch(/[0-9A-F]{24}|\.history/);
    if (url === roles[1]) {
      expect(text).toMatch(/walq_segments_archived_total\{.*"archived"\} [1-9]/);
      expect(text).toMatch(/walq_stage_duration_seconds_count\{stage="delete"\} 0\n/);
    } else expect(text).toMatch(/walq_gaps\{source="main"\} 0\n/);
  }
  const status = JSON.parse(await site.status('--json')) as {
    readonly sources: { readonly main: object };
  };
  expect(status.sources.main).toMatchObject({ dueSegments: 0, gaps: [], quarantined: [] });
});

test('a pause stops workers, and PostgreSQL continues to archive', async () => {
  const redis = await startRedis();
  const site = await newSite({ redisUrl: redis.url });
  await watchedRole(site, 'producer');
  const worker = await watchedRole(site, 'worker');
  const listen = `127.0.0.1:${await freePort()}`;
  const config = await readFile(site.config, 'utf8');
  await writeFile(
    site.config,
    config.replace('[dashboard]', '[dashboard]\nread_only = false\ntrusted_proxy = true'),
  );
  await watchedRole(site, 'dashboard', '--listen', listen);
  const asAda = { 'x-forwarded-user': 'ada' };
  const { csrf } = await json<{ readonly csrf: string }>(`http://${listen}/api/session`, asAda);
  const paused = await fetch(`http://${listen}/api/sources/main/pause`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-walq-csrf': csrf, ...asAda },
    body: '{}',
  });
  expect(await paused.json()).toEqual({
    message: 'main is paused. Workers take none of its segments until you resume it.',
  });
  await site.server.query('create table marks (n int)');
  await site.untilArchived(await site.server.switchWal());
  expect(await (await fetch(worker)).text()).toMatch(
    /walq_segments_archived_total\{.*"archived"\} 0\n/,
  );
  expect(await site.server.query('select failed_count from pg_stat_archiver')).toBe('0');
});
