import {
  createMetricsRegistry,
  serveRole,
  type Health,
  type RoleListenerOptions,
} from '@walq/role';
import { eventually } from '@walq/test-support';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
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
  test('a role that waits for Redis is alive and not ready, and reports the reason', async () => {
    const health = { notReady: () => ['Redis is unreachable'] };
    expect(await ask(health, '/healthz')).toMatchObject({ status: 200, body: { ok: true } });
    expect(await ask(health, '/readyz')).toMatchObject({
      status: 503,
      body: { role: 'worker', ready: false, why: ['Redis is unreachable'] },
    });
  });

  test('a role that should be restarted reports it on /healthz', async () => {
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

  test('renders its metrics once per second, however many clients request them', async () => {
    let rendered = 0;
    const metrics = {
      contentType: 'text/plain',
      metrics: async () => {
        rendered += 1;
        return 'up 1\n';
      },
    };
    const { address } = await serve({ metrics });
    const ask = async () => (await fetch(`http://${address}/metrics`)).text();
    const texts = await Promise.all(Array.from({ length: 40 }, ask));
    expect([...new Set(texts)]).toEqual(['up 1\n']);
    expect(rendered).toBe(1);
    await eventually(async () => {
      await ask();
      expect(rendered).toBe(2);
    });
  });

  test('rejects the host name of another site, which may resolve to this host (DNS rebinding)', async () => {
    const { address } = await serve({ allowedHosts: ['walq-1.example.com'] });
    const { hostname, port } = new URL(`http://${address}`);
    const statusFor = (host: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const at = { hostname, port, path: '/metrics', headers: { host } };
        request(at, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, '[::1]', 'walq-1.example.com']) {
      expect([host, await statusFor(host)]).toEqual([host, 200]);
    }
    for (const host of ['evil.example', `evil.example:${port}`, 'localhost.evil.example']) {
      expect([host, await statusFor(host)]).toEqual([host, 421]);
    }
  });

  test('answers one request per connection, whatever was pipelined, and continues to answer', async () => {
    const { address } = await serve();
    const { hostname, port } = new URL(`http://${address}`);
    const greedy = Array.from({ length: 20 }, () => connect(Number(port), hostname));
    for (const socket of greedy) {
      socket.on('error', () => undefined).resume();
      socket.write(`GET /metrics HTTP/1.1\r\nhost: ${address}\r\n\r\n`.repeat(5_000));
    }
    const askedMs = performance.now();
    expect((await fetch(`http://${address}/healthz`)).status).toBe(200);
    expect(performance.now() - askedMs).toBeLessThan(5_000);
    await Promise.all(greedy.map(async (socket) => socket.closed || once(socket, 'close')));
  });

  test('does not wait for a head that does not arrive', async () => {
    const { address } = await serve();
    const { hostname, port } = new URL(`http://${address}`);
    const slow = ['', 'GET /metrics HTTP/1.1\r\n'].map((bytes) => {
      const socket = connect(Number(port), hostname).on('error', () => undefined);
      if (bytes !== '') socket.write(bytes);
      return socket.resume();
    });
    await Promise.all(slow.map((socket) => once(socket, 'close')));
  });

  test('rejects an endless body and a head that is too large, and accepts HTTP/1.0', async () => {
    const { address } = await serve();
    const { hostname, port } = new URL(`http://${address}`);
    const answerTo = async (sent: string): Promise<string> => {
      const socket = connect(Number(port), hostname).on('error', () => undefined);
      let answer = '';
      socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
      socket.write(sent);
      // Or the connection is reset, because the rest of the request is not read.
      await new Promise((resolve) => socket.once('close', resolve));
      return answer;
    };
    const head = `POST /metrics HTTP/1.1\r\nhost: ${address}\r\n`;
    const [endless, chunked, large, old] = await Promise.all([
      answerTo(`${head}content-length: 1000000\r\n\r\na`),
      answerTo(`${head}transfer-encoding: chunked\r\n\r\n1\r\na\r\n`),
      answerTo(`${head}x: ${'a'.repeat(100_000)}\r\n\r\n`),
      answerTo(`GET /healthz HTTP/1.0\r\nhost: ${address}\r\n\r\n`),
    ]);
    for (const answer of [endless, chunked, large]) expect(answer).not.toContain(' 200 ');
    expect(old).toContain(' 200 ');
    expect((await fetch(`http://${address}/healthz`)).status).toBe(200);
  });

  test('waits for a port that is in use, and logs which and what to do', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const taken = other.address();
    if (taken === null || typeof taken === 'string') throw new Error('no port');
    const listener = await serve({ listen: { host: '127.0.0.1', port: taken.port } });
    expect(listener.address).toBeUndefined();
    expect(lines.at(-1)).toContain(`127.0.0.1:${taken.port} is in use`);
    expect(lines.at(-1)).toContain('WALQ_METRICS__LISTEN');
  });

  test('rejects an address that is not this host’s', async () => {
    const listening = serve({ listen: { host: '203.0.113.1', port: 9464 } });
    await expect(listening).rejects.toMatchObject({ code: 'configuration-invalid' });
  });

  test('does not listen if it is off', async () => {
    expect((await serve({ listen: 'off' })).address).toBeUndefined();
  });
});
