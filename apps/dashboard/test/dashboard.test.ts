import { freePort, startRedis, temporaryDirectory } from '@walq/test-support';
import { loadConfig, nodeDisk } from '@walq/wal-core';
import { runDashboard } from '@walq/dashboard';
import { mkdir, writeFile } from 'node:fs/promises';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';

async function configured(redisUrl: string, dashboard: string) {
  const directory = await temporaryDirectory('dashboard');
  await mkdir(directory.at('wal'));
  const toml = `[redis]\nurl = "${redisUrl}"\n[archive]\nurl = "archive"\n[dashboard]\n${dashboard}\n
    [sources.ledger]\ntype = "log"\npath = "wal"\n`;
  await writeFile(directory.at('walq.toml'), toml);
  const config = await loadConfig({ disk: nodeDisk, cwd: directory.path, env: {} });
  const { redis } = config;
  if (redis === undefined) throw new Error('the configuration names a Redis');
  return { ...config, redis };
}

async function served(redisUrl: string, own = ''): Promise<string> {
  const config = await configured(redisUrl, `listen = "127.0.0.1:${await freePort()}"\n${own}`);
  const end = new AbortController();
  const logger = pino({ level: 'silent' });
  return new Promise((resolve, reject) => {
    const running = runDashboard({ config, logger, signal: end.signal, onListening: resolve });
    running.catch(reject);
    onTestFinished(async () => {
      end.abort();
      await running;
    });
  });
}

test('the board shows the queue of each source, and changes nothing by default', async () => {
  const redis = await startRedis();
  const board = await served(redis.url);
  const page = await fetch(board);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('walq');
  const queues = (await (await fetch(`${board}/api/queues`)).json()) as { queues: object[] };
  expect(queues.queues).toMatchObject([{ name: 'wal-archive-ledger', readOnlyMode: true }]);
  const pause = await fetch(`${board}/api/queues/wal-archive-ledger/pause`, { method: 'PUT' });
  expect(pause.status).toBe(405);
});

test('a queue can be paused where the dashboard may write', async () => {
  const redis = await startRedis();
  const board = await served(redis.url, 'read_only = false');
  const pause = await fetch(`${board}/api/queues/wal-archive-ledger/pause`, { method: 'PUT' });
  expect(pause.status).toBe(200);
});

test('without Redis the dashboard lives and is not ready', async () => {
  const board = await served(`redis://127.0.0.1:${await freePort()}`);
  expect((await fetch(new URL('/healthz', board))).status).toBe(200);
  expect((await fetch(new URL('/readyz', board))).status).toBe(503);
});

test('it does not listen to the network without authentication', async () => {
  const config = await configured('redis://127.0.0.1:6379', 'listen = "0.0.0.0:9464"');
  const { signal } = new AbortController();
  const running = runDashboard({ config, logger: pino({ level: 'silent' }), signal });
  await expect(running).rejects.toMatchObject({ code: 'configuration-invalid' });
});
