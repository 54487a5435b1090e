import { startRedis } from '@walq/test-support';
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { bearer, logIn, PASSWORD, serve, TOKEN, WITH_LOGIN } from './support.ts';

async function withLogin() {
  const redis = await startRedis();
  return serve({ redisUrl: redis.url, own: WITH_LOGIN });
}

test('guessing is delayed after ten failed logins, and right credentials still work from there', async () => {
  const dashboard = await withLogin();
  const guess = (n: number) => logIn(dashboard, { username: 'ops', secret: `guess ${n}` });
  const guessed = await Promise.all(Array.from({ length: 40 }, (_, n) => guess(n)));
  const statuses = guessed.map(({ status }) => status);
  // Ten are answered immediately, two with a delay.
  expect(statuses.filter((status) => status === 401)).toHaveLength(12);
  const refused = guessed.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(28);
  expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
  const late = await logIn(dashboard, { username: 'ops', secret: PASSWORD });
  expect([late.status, late.headers.get('location')]).toEqual([303, '/']);
  const log = JSON.stringify(dashboard.lines);
  expect(log).toContain('wrong credentials');
  expect(log).not.toContain('guess');
});

test('a client that guesses too quickly does not learn which guess was right', async () => {
  const { get } = await withLogin();
  const ask = async (token: string) => (await get('/api/state', bearer(token))).status;
  const guesses = Array.from({ length: 13 }, (_, n) => ask(`guess-${n}`));
  const isRefused = async (guess: Promise<number>) => expect(await guess).toBe(429);
  await Promise.any(guesses.map(isRefused));
  expect(await ask(TOKEN)).toBe(429);
  await Promise.all(guesses);
  expect(await ask(TOKEN)).toBe(200);
});

test('guessing is delayed behind a proxy too, whatever addresses the client forges', async () => {
  const redis = await startRedis();
  const own = `token_file = "token"\ntrusted_proxy = true`;
  const { get, lines } = await serve({ redisUrl: redis.url, own });
  const from = (n: number) => ({ 'x-forwarded-for': `10.9.8.${n}, 192.0.2.7` });
  const guess = (n: number) => get('/api/state', { ...bearer(`guess-${n}`), ...from(n) });
  const guessed = await Promise.all(Array.from({ length: 20 }, (_, n) => guess(n)));
  expect(guessed.filter(({ status }) => status === 429)).toHaveLength(8);
  expect(lines.filter(({ msg }) => msg === 'wrong credentials')[0]).toMatchObject({
    from: '192.0.2.7',
  });
});

test('guessing from many addresses is limited in total, and does not keep known networks out', async () => {
  const dashboard = await withLogin();
  const { hostname, port } = new URL(dashboard.url);
  const ask = (localAddress: string, token: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const at = { hostname, port, localAddress, path: '/api/state', headers: bearer(token) };
      request(at, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
  expect(await ask('127.0.0.1', TOKEN)).toBe(200);
  const guesses = Array.from({ length: 200 }, (_, n) => ask(`127.0.1.${n}`, `guess-${n}`));
  expect(await ask('127.0.0.1', TOKEN)).toBe(200);
  const statuses = await Promise.all(guesses);
  // Sixty are answered immediately, the others with a delay.
  expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(80);
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(120);
});
