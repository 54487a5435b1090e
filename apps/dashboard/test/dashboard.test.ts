import { runDashboard } from '@walq/dashboard';
import { eventually, freePort, startRedis } from '@walq/test-support';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { configured, serve } from './support.ts';

interface State {
  readonly redis: string;
  readonly headline: { readonly level: string; readonly sentence: string };
  readonly sources: readonly Record<string, unknown>[];
}

test('the page counts the backlog on the disk, not on the queue', async () => {
  const redis = await startRedis();
  const { get } = await serve({ redisUrl: redis.url });
  await eventually(async () => {
    const state = (await (await get('/api/state')).json()) as State;
    expect(state.redis).toBe('ok');
    expect(state.sources[0]).toMatchObject({
      name: 'ledger',
      figuresFrom: 'dashboard',
      backlog: { segments: 4, bytes: 400 },
      queue: { waiting: 0, pause: null },
    });
  });
  const page = await get('/');
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('<title>walq</title>');
  const map = (await (await get('/api/sources/ledger/map')).json()) as { cells: object[] };
  expect(map.cells).toHaveLength(4);
  const zoomed = await get('/api/sources/ledger/map?from=wal-2&until=wal-3');
  expect(await zoomed.json()).toMatchObject({ first: 'wal-2', last: 'wal-3', segments: 2 });
  expect((await get('/api/sources/other/map')).status).toBe(404);
});

test('the event stream sends the state', async () => {
  const redis = await startRedis();
  const { url } = await serve({ redisUrl: redis.url });
  const stop = new AbortController();
  const events = await fetch(new URL('/api/stream', url), { signal: stop.signal });
  expect(events.headers.get('content-type')).toBe('text/event-stream');
  expect(events.headers.get('content-security-policy')).toContain("default-src 'none'");
  const reader = events.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  const text = new TextDecoder().decode(value);
  expect(JSON.parse(text.replace(/^data: /, ''))).toMatchObject({ version: '1.2.3' });
  stop.abort();
});

test('the queue board shows the queue of each source, links back, and is read-only', async () => {
  const redis = await startRedis();
  const { get, url } = await serve({ redisUrl: redis.url });
  const board = await get('/queues');
  const html = await board.text();
  expect(html).toContain('Archive page');
  expect(html).not.toContain('https://');
  const queues = (await (await get('/queues/api/queues')).json()) as { queues: object[] };
  expect(queues.queues).toMatchObject([{ name: 'wal-archive-ledger', readOnlyMode: true }]);
  const pause = new URL('/queues/api/queues/wal-archive-ledger/pause', url);
  expect((await fetch(pause, { method: 'PUT' })).status).toBe(405);
});

test('without Redis the dashboard is healthy but not ready, and still shows the disk', async () => {
  const { get } = await serve({ redisUrl: `redis://127.0.0.1:${await freePort()}` });
  expect((await get('/healthz')).status).toBe(200);
  expect((await get('/readyz')).status).toBe(503);
  await eventually(async () => {
    const state = (await (await get('/api/state')).json()) as State;
    expect(state.redis).toBe('unreachable');
    expect(state.headline.level).toBe('warning');
    expect(state.sources[0]).toMatchObject({ backlog: { segments: 4 } });
  });
});

test('it does not listen on a non-loopback address without authentication', async () => {
  const options = { redisUrl: 'redis://127.0.0.1:6379', host: '0.0.0.0' };
  const { config } = await configured(options);
  const { signal } = new AbortController();
  const role = { config, logger: pino({ level: 'silent' }), version: '1', signal };
  await expect(runDashboard(role)).rejects.toMatchObject({ code: 'configuration-invalid' });
});
