import { expect, onTestFinished, test } from 'vitest';
import { serveHealth, type Health } from '@walq/role';

async function ask(health: Health, path: string) {
  const listener = await serveHealth({ host: '127.0.0.1', port: 0 }, 'worker', health);
  onTestFinished(() => listener.close());
  const response = await fetch(`http://127.0.0.1:${listener.port}${path}`);
  return { status: response.status, body: (await response.json()) as unknown };
}

test('a role that waits for Redis is alive, not ready, and says why', async () => {
  const health = { notReady: () => ['redis is unreachable'] };
  expect(await ask(health, '/healthz')).toMatchObject({ status: 200, body: { ok: true } });
  expect(await ask(health, '/readyz')).toMatchObject({
    status: 503,
    body: { role: 'worker', ready: false, why: ['redis is unreachable'] },
  });
});

test('a role that is not sound says so to its supervisor', async () => {
  const health = { notReady: () => [], unsound: () => 'no thread answers' };
  expect(await ask(health, '/readyz')).toMatchObject({ status: 200, body: { ready: true } });
  expect(await ask(health, '/healthz')).toMatchObject({ status: 503, body: { ok: false } });
});

test('an address that is taken is an error, not a silent lack of health', async () => {
  const health = { notReady: () => [] };
  const first = await serveHealth({ host: '127.0.0.1', port: 0 }, 'worker', health);
  onTestFinished(() => first.close());
  const again = serveHealth({ host: '127.0.0.1', port: first.port }, 'worker', health);
  await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
