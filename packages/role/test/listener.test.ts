import {
  createMetricsRegistry,
  serveRole,
  type Health,
  type RoleListenerOptions,
} from '@walq/role';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';

const lines: string[] = [];
const logger = pino({}, { write: (line: string) => lines.push(line) });

async function serve(options: Partial<RoleListenerOptions> = {}) {
  const role = { role: 'worker', version: '1.2.3' };
  const listener = await serveRole({
    listen: { host: '127.0.0.1', port: 0 },
    role: 'worker',
    health: { notReady: () => [] },
    metrics: createMetricsRegistry(role),
    logger,
    ...options,
  });
  onTestFinished(() => listener.close());
  return listener;
}

async function ask(health: Health, path: string) {
  const { address } = await serve({ health });
  const response = await fetch(`http://${address}${path}`);
  return { status: response.status, body: (await response.json()) as unknown };
}

describe('health', () => {
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
});

describe('the listener', () => {
  test('serves metrics and health, and nothing else', async () => {
    const { address } = await serve();
    const metrics = await fetch(`http://${address}/metrics`);
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    expect(await metrics.text()).toMatch(/walq_build_info\{role="worker",version="1.2.3",.*\} 1/);
    for (const path of ['/', '/queues', '/api/state']) {
      expect((await fetch(`http://${address}${path}`)).status).toBe(404);
    }
    expect((await fetch(`http://${address}/metrics`, { method: 'POST' })).status).toBe(405);
    expect(await (await fetch(`http://${address}/metrics`, { method: 'HEAD' })).text()).toBe('');
  });

  test('waits for a port that is taken, and says which and what to do', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const taken = other.address();
    if (taken === null || typeof taken === 'string') throw new Error('no port');
    const listener = await serve({ listen: { host: '127.0.0.1', port: taken.port } });
    expect(listener.address).toBeUndefined();
    expect(lines.at(-1)).toContain(`127.0.0.1:${taken.port} is taken`);
    expect(lines.at(-1)).toContain('WALQ_METRICS__LISTEN');
  });

  test('refuses an address that is not this host’s', async () => {
    const listening = serve({ listen: { host: '203.0.113.1', port: 9464 } });
    await expect(listening).rejects.toMatchObject({ code: 'configuration-invalid' });
  });

  test('is not there when it is off', async () => {
    expect((await serve({ listen: 'off' })).address).toBeUndefined();
  });
});
