import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { eventually, freePort, startRedis } from '@walq/test-support';
import { expect, test } from 'vitest';
import { newSite, walq } from './site.ts';

test('what PostgreSQL waits for is in status, on the page and in metrics with the reason, and gone once it is archived', async () => {
  const redis = await startRedis();
  const site = await newSite({ redisUrl: redis.url });
  const { server } = site;
  await server.query('create table marks (n int)');
  const first = await server.switchWal();
  await site.untilArchived(first);

  const at = `127.0.0.1:${await freePort()}`;
  const listen = `WALQ_METRICS__LISTEN=${at}`;
  const producer = await site.owner.start('env', [
    listen,
    walq,
    'producer',
    '--config',
    site.config,
  ]);
  await producer.waitForLine(/producer ready/);
  const pageAt = `127.0.0.1:${await freePort()}`;
  const page = `WALQ_DASHBOARD__LISTEN=${pageAt}`;
  const dashboard = await site.owner.start('env', [
    page,
    walq,
    'dashboard',
    '--config',
    site.config,
  ]);
  await dashboard.waitForLine(/dashboard ready/);
  const headline = async (): Promise<string> => {
    const state = (await (await fetch(`http://${pageAt}/api/state`)).json()) as {
      headline: object;
    };
    return JSON.stringify(state.headline);
  };
  const metrics = async (): Promise<string> => (await fetch(`http://${at}/metrics`)).text();

  // Something else under the name that the next segment will have.
  const next = `0000000100000000000000${(Number.parseInt(first.slice(-2), 16) + 1).toString(16).toUpperCase().padStart(2, '0')}`;
  const object = `${site.archive}/main/${next.slice(0, 16)}/${next}.zst`;
  await mkdir(dirname(object), { recursive: true });
  await writeFile(object, 'of another program');
  await site.owner.own(object);
  await server.query('insert into marks values (1)');
  expect(await server.switchWal()).toBe(next);

  await eventually(async () => {
    const status = await site.status();
    expect(status).toMatch(new RegExp(`critical .*waits for ${next}, tried .*object-foreign`));
    expect(status).toContain(`walq repair main --replace-corrupt ${next}`);
    expect(await server.log()).toContain('object-foreign');
  });
  await eventually(async () =>
    expect(await metrics()).toMatch(/walq_archiver_blocked_seconds\{source="main"\} [1-9]/),
  );
  await eventually(async () => {
    expect(await headline()).toMatch(new RegExp(`"level":"critical".*waits for ${next}, tried `));
    expect(await headline()).toContain(`walq repair main --replace-corrupt ${next}`);
  });

  await rm(object);
  // PostgreSQL tries again in a minute, or at once.
  await server.query('select pg_reload_conf()');
  await site.untilArchived(next);
  await eventually(async () => {
    expect(await site.status()).not.toContain('waits for');
    expect(await headline()).not.toContain('waits for');
    expect(await metrics()).toContain('walq_archiver_blocked_seconds{source="main"} 0');
  });
});
