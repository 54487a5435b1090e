import { eventually, startRedis } from '@walq/test-support';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { serve, WITH_LOGIN, type Served } from './support.ts';

async function withLogin(): Promise<Served> {
  const redis = await startRedis();
  return serve({ redisUrl: redis.url, own: WITH_LOGIN });
}

describe('a slow or greedy client', () => {
  /** The server's answer to these bytes, until it closes the connection. */
  async function answerTo({ url }: Served, bytes: string): Promise<string> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.setEncoding('utf8').on('error', () => undefined);
    let answer = '';
    socket.on('data', (text: string) => {
      answer += text;
    });
    socket.write(bytes);
    await once(socket, 'close');
    return answer;
  }

  test('gets status 408 for a request head or body that never ends', async () => {
    const dashboard = await withLogin();
    const head = 'POST /login HTTP/1.1\r\nhost: localhost\r\n';
    const form = 'content-type: application/x-www-form-urlencoded\r\ncontent-length: 100\r\n\r\n';
    const answers = await Promise.all([
      answerTo(dashboard, head),
      answerTo(dashboard, `${head}${form}secret=`),
    ]);
    expect(answers.map((answer) => answer.slice(0, 12))).toEqual(['HTTP/1.1 408', 'HTTP/1.1 408']);
  });

  test('does not keep others out with idle connections or pipelined requests', async () => {
    const dashboard = await withLogin();
    const port = Number(new URL(dashboard.url).port);
    const idle = Array.from({ length: 600 }, () => connect(port, '127.0.0.1'));
    for (const socket of idle) socket.on('error', () => undefined);
    const greedy = connect(port, '127.0.0.1').on('error', () => undefined);
    greedy.write('GET /api/state HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(5_000));
    const askedMs = performance.now();
    expect((await dashboard.get('/healthz')).status).toBe(200);
    expect(performance.now() - askedMs).toBeLessThan(2_000);
    const stillOpen = await eventually(async () => {
      const open = idle.filter(({ closed }) => !closed).length;
      expect(open).toBeLessThanOrEqual(256);
      return open;
    });
    expect(stillOpen).toBeGreaterThan(0);
    for (const socket of [...idle, greedy]) socket.destroy();
  });
});
