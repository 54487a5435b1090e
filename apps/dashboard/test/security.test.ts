import { runDashboard } from '@walq/dashboard';
import { startRedis } from '@walq/test-support';
import { request } from 'node:http';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { pino } from 'pino';
import {
  ACTING,
  bearer,
  configured,
  logIn,
  PASSWORD,
  serve,
  TOKEN,
  WITH_LOGIN,
  type Served,
} from './support.ts';

const withLogin = (): Promise<Served> => served(WITH_LOGIN);
const writable = (): Promise<Served> => served(ACTING);
const open = (): Promise<Served> => served('');

async function served(own: string): Promise<Served> {
  const redis = await startRedis();
  return serve({ redisUrl: redis.url, own });
}

const basic = (name: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`,
});

describe('authentication', () => {
  test('is required for all but health checks and the login page', async () => {
    const { get } = await withLogin();
    for (const path of [
      '/api/state',
      '/api/stream',
      '/queues',
      '/queues/api/queues',
      '/assets/x',
    ]) {
      expect([path, (await get(path)).status]).toEqual([path, 401]);
    }
    const page = await get('/', { accept: 'text/html' });
    expect([page.status, page.headers.get('location')]).toEqual([302, '/login']);
    for (const path of ['/healthz', '/login', '/login.css']) {
      expect([path, (await get(path)).status]).toEqual([path, 200]);
    }
  });

  test('accepts the token, or the username with its password, and nothing else', async () => {
    const { get } = await withLogin();
    expect((await get('/api/state', bearer(TOKEN))).status).toBe(200);
    expect((await get('/api/state', basic('ops', PASSWORD))).status).toBe(200);
    expect((await get('/api/state', basic('oops', PASSWORD))).status).toBe(401);
    expect((await get('/api/state', basic('ops', ''))).status).toBe(401);
    expect((await get('/api/state', bearer(`${TOKEN}x`))).status).toBe(401);
  });

  test('keeps a login in a cookie that scripts cannot read, until the logout', async () => {
    const dashboard = await withLogin();
    const done = await logIn(dashboard, { username: 'ops', secret: PASSWORD });
    const cookie = done.headers.get('set-cookie') ?? '';
    expect([done.status, done.headers.get('location')]).toEqual([303, '/']);
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    const session = { cookie: cookie.split(';')[0] ?? '' };
    expect(await (await dashboard.get('/api/session', session)).json()).toMatchObject({
      user: 'ops',
    });
    const forged = { cookie: session.cookie.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) };
    expect((await dashboard.get('/api/session', forged)).status).toBe(401);
    const out = await dashboard.post('/logout', {}, session);
    expect(out.headers.get('set-cookie')).toContain('walq-session=;');
    expect((await dashboard.get('/api/session', session)).status).toBe(401);
  });

  test('ends a login after twelve hours, however active it is', async () => {
    const dashboard = await withLogin();
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const begunMs = Date.now();
    const done = await logIn(dashboard, { username: 'ops', secret: PASSWORD });
    const cookie = done.headers.get('set-cookie')?.split(';')[0] ?? '';
    const statusAfter = async (hours: number): Promise<number> => {
      vi.setSystemTime(begunMs + hours * 3_600_000);
      return (await dashboard.get('/api/session', { cookie })).status;
    };
    expect(await statusAfter(6)).toBe(200);
    expect(await statusAfter(11.9)).toBe(200);
    expect(await statusAfter(12.1)).toBe(401);
  });

  test('gives each login a new session id', async () => {
    const dashboard = await withLogin();
    const body = new URLSearchParams({ username: 'ops', secret: PASSWORD });
    const cookieFrom = async (cookie: string): Promise<string> => {
      const at = new URL('/login', dashboard.url);
      const init = { method: 'POST', body, headers: { cookie }, redirect: 'manual' } as const;
      return (await fetch(at, init)).headers.get('set-cookie')?.split(';')[0] ?? '';
    };
    const first = await cookieFrom('');
    const second = await cookieFrom(first);
    expect((await dashboard.get('/api/session', { cookie: first })).status).toBe(401);
    expect((await dashboard.get('/api/session', { cookie: second })).status).toBe(200);
  });

  test('can be left out on the loopback only, under a loopback host name', async () => {
    const { url } = await open();
    const status = await new Promise((resolve, reject) => {
      const headers = { host: 'evil.example' };
      request(new URL('/api/state', url), { headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(421);
  });
});

describe('an action', () => {
  test('needs the page’s CSRF token, origin and content type', async () => {
    const dashboard = await withLogin();
    const { get, post, url } = dashboard;
    const done = await logIn(dashboard, { username: 'ops', secret: PASSWORD });
    const cookie = done.headers.get('set-cookie')?.split(';')[0] ?? '';
    const { csrf } = (await (await get('/api/session', { cookie })).json()) as {
      readonly csrf: string;
    };
    const path = '/api/sources/ledger/pause';
    const own = { cookie, 'x-walq-csrf': csrf };
    expect((await post(path)).status).toBe(401);
    expect((await post(path, {}, { cookie })).status).toBe(403);
    expect((await post(path, {}, { cookie, 'x-walq-csrf': 'x' })).status).toBe(403);
    expect((await post(path, {}, { ...own, origin: 'https://evil.example' })).status).toBe(403);
    expect((await post(path, {}, { ...own, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    const text = { ...own, 'content-type': 'text/plain' };
    expect((await post(path, {}, text)).status).toBe(415);
    expect((await post(path, {}, { ...own, origin: new URL(url).origin })).status).toBe(200);
  });

  test('needs authentication: with read_only = false the dashboard does not start without', async () => {
    const redis = await startRedis();
    const own = 'read_only = false';
    const { config } = await configured({ redisUrl: redis.url, own });
    const logger = pino({ level: 'silent' });
    const { signal } = new AbortController();
    const running = runDashboard({ config, logger, version: '1.2.3', signal });
    await expect(running).rejects.toMatchObject({
      code: 'configuration-invalid',
      message: expect.stringContaining('read_only = false needs authentication') as string,
    });
  });

  test('needs a user name from the proxy', async () => {
    const { get, post, lines } = await served('read_only = false\ntrusted_proxy = true');
    const path = '/api/sources/ledger/pause';
    const csrfOf = async (headers: Record<string, string>) => {
      const session = (await (await get('/api/session', headers)).json()) as { csrf: string };
      return { ...headers, 'x-walq-csrf': session.csrf };
    };
    expect((await post(path, {}, await csrfOf({}))).status).toBe(403);
    const named = await csrfOf({ 'x-forwarded-user': 'ada' });
    expect((await post(path, {}, named)).status).toBe(200);
    expect(lines.filter(({ msg }) => msg === 'action done')).toMatchObject([{ who: 'ada' }]);
  });

  test('is refused by the queue board, which is always read-only', async () => {
    const { url } = await writable();
    const headers = bearer(TOKEN);
    const queue = '/queues/api/queues/wal-archive-ledger';
    for (const [method, path] of [
      ['PUT', `${queue}/pause`],
      ['PUT', `${queue}/obliterate`],
      ['PUT', `${queue}/empty`],
      ['POST', `${queue}/add`],
    ] as const) {
      const response = await fetch(new URL(path, url), { method, headers });
      expect([path, response.status]).toEqual([path, 405]);
    }
  });
});

describe('event streams', () => {
  const streamed = async ({ url }: Served, headers: Record<string, string>): Promise<Response> =>
    fetch(new URL('/api/stream', url), { headers });

  test('are limited for each login', async () => {
    const dashboard = await withLogin();
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => streamed(dashboard, bearer(TOKEN))),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(8);
    const done = await logIn(dashboard, { username: 'ops', secret: PASSWORD });
    const cookie = done.headers.get('set-cookie')?.split(';')[0] ?? '';
    const other = await streamed(dashboard, { cookie });
    expect(other.status).toBe(200);
    for (const { body } of [...answers, other]) await body?.cancel();
  });

  test('answer a HEAD request without opening a stream', async () => {
    const { url } = await withLogin();
    const headers = bearer(TOKEN);
    for (let n = 0; n < 20; n += 1) {
      const response = await fetch(new URL('/api/stream', url), { method: 'HEAD', headers });
      expect(response.status).toBe(200);
    }
  });
});

test('every answer has the security headers, and none contains a secret', async () => {
  const dashboard = await withLogin();
  for (const path of ['/login', '/api/state', '/nothing', '/healthz', '/']) {
    const response = await dashboard.get(path, bearer(TOKEN));
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('x-frame-options')).toBe('DENY');
    const text = await response.text();
    for (const secret of [TOKEN, PASSWORD]) expect(text).not.toContain(secret);
  }
  for (const secret of [TOKEN, PASSWORD])
    expect(JSON.stringify(dashboard.lines)).not.toContain(secret);
});
