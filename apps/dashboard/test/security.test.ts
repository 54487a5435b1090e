import { eventually, startRedis } from '@walq/test-support';
import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { PASSWORD, serve, TOKEN, type Served } from './support.ts';

const locked = `read_only = false\ntoken_file = "token"\nusername = "ops"\npassword_file = "password"`;
const withLogin = (): Promise<Served> => served(locked);
const writable = (): Promise<Served> => served('read_only = false');

async function served(own: string): Promise<Served> {
  const redis = await startRedis();
  return serve({ redisUrl: redis.url, own });
}

const basic = (name: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`,
});
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function logIn({ url }: Served, form: Record<string, string>): Promise<Response> {
  const body = new URLSearchParams(form);
  return fetch(new URL('/login', url), { method: 'POST', body, redirect: 'manual' });
}

describe('who may come in', () => {
  test('nobody without credentials, but for health and the way in', async () => {
    const { get } = await withLogin();
    for (const path of [
      '/api/state',
      '/api/events',
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

  test('whoever has the token, or the name with its password, and nobody else', async () => {
    const { get } = await withLogin();
    expect((await get('/api/state', bearer(TOKEN))).status).toBe(200);
    expect((await get('/api/state', basic('ops', PASSWORD))).status).toBe(200);
    expect((await get('/api/state', basic('oops', PASSWORD))).status).toBe(401);
    expect((await get('/api/state', basic('ops', ''))).status).toBe(401);
    expect((await get('/api/state', bearer(`${TOKEN}x`))).status).toBe(401);
  });

  test('a login lasts by a cookie that scripts cannot read, until the logout', async () => {
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

  test('guessing has to wait after ten wrong answers, also by the form', async () => {
    const dashboard = await withLogin();
    for (let n = 0; n < 10; n += 1)
      await logIn(dashboard, { username: 'ops', secret: `guess ${n}` });
    const late = await logIn(dashboard, { username: 'ops', secret: PASSWORD });
    expect(late.status).toBe(429);
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await dashboard.get('/api/state', bearer(TOKEN))).status).toBe(429);
    const log = JSON.stringify(dashboard.lines);
    expect(log).toContain('wrong credentials');
    expect(log).not.toContain('guess');
  });

  test('guessing has to wait behind a proxy too, whatever addresses the client makes up', async () => {
    const redis = await startRedis();
    const own = `token_file = "token"\ntrusted_proxy = true`;
    const { get, lines } = await serve({ redisUrl: redis.url, own });
    const from = (n: number) => ({ 'x-forwarded-for': `10.9.8.${n}, 192.0.2.7` });
    for (let n = 0; n < 10; n += 1)
      await get('/api/state', { ...bearer(`guess-${n}`), ...from(n) });
    expect((await get('/api/state', { ...bearer(TOKEN), ...from(99) })).status).toBe(429);
    expect(lines.filter(({ msg }) => msg === 'wrong credentials')[0]).toMatchObject({
      from: '192.0.2.7',
    });
  });

  test('without a login only this machine, under a name of its own', async () => {
    const { url } = await writable();
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
  test('needs the page’s own token, origin and content type', async () => {
    const { get, post, url } = await writable();
    const { csrf } = (await (await get('/api/session')).json()) as { readonly csrf: string };
    const path = '/api/sources/ledger/pause';
    const own = { 'x-walq-csrf': csrf };
    expect((await post(path)).status).toBe(403);
    expect((await post(path, {}, { 'x-walq-csrf': 'x' })).status).toBe(403);
    expect((await post(path, {}, { ...own, origin: 'https://evil.example' })).status).toBe(403);
    expect((await post(path, {}, { ...own, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    const text = { ...own, 'content-type': 'text/plain' };
    expect((await post(path, {}, text)).status).toBe(415);
    expect((await post(path, {}, { ...own, origin: new URL(url).origin })).status).toBe(200);
  });

  test('of the queue board cannot be made by another page, and the log says who made one', async () => {
    const { url, lines } = await writable();
    const pause = new URL('/queues/api/queues/wal-archive-ledger/pause', url);
    const foreign = { origin: 'https://evil.example' };
    expect((await fetch(pause, { method: 'PUT', headers: foreign })).status).toBe(403);
    expect((await fetch(pause, { method: 'PUT' })).status).toBe(200);
    const told = () => lines.filter(({ msg }) => msg === 'queue board used');
    const by = { action: `PUT ${pause.pathname}`, from: '127.0.0.1', who: 'loopback' };
    const both = [403, 200].map((status) => ({ ...by, status }));
    await eventually(() => expect(told()).toMatchObject(both));
  });
});

test('every answer says what a browser may do with it, and none tells a secret', async () => {
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
