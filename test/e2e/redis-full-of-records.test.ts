/** Redis holds far more than walq ever writes: readers of it neither grow with that nor stop. */
import { readFile } from 'node:fs/promises';
import { eventually, freePort, startRedis } from '@walq/test-support';
import { expect, test } from 'vitest';
import { newScene, redisCommand, startWalq, type Scene } from '../scene/index.ts';

const RECORDS = 20_000;
const HUGE = 'x'.repeat(50 << 20);

const DASHBOARD_MB_MAX = 250;
const COMMAND_MB_MAX = 250;

const failure = { code: 'store-full', message: 'm'.repeat(200), hint: 'h'.repeat(200) };

/** As large as a worker's record can well be. */
const workerRecord = (id: string): string =>
  JSON.stringify({
    id,
    host: 'host',
    concurrency: 2,
    active: 2,
    sources: ['orders'],
    states: {
      orders: {
        isTaking: false,
        holds: ['store-failing'],
        stopped: failure,
        isStoreAvailable: false,
      },
    },
    failures: Array.from({ length: 5 }, (_, n) => {
      const segment = `wal-00000${n}.bin`;
      return { ...failure, source: 'orders', segment, kind: 'retried', at: 1 };
    }),
  });

/** In Redis itself, which is quicker than sending it there. */
const FILL = `
local count = tonumber(ARGV[1])
for n = 1, count do
  local id = 'forged-' .. n
  redis.call('SADD', 'walq:{wal-archive}:workers', id)
  redis.call('SET', 'walq:{wal-archive}:worker:' .. id, (string.gsub(ARGV[2], 'WORKER', id)))
  local key = 'bull:wal-archive-orders:s-' .. n
  redis.call('HSET', key, 'name', 'archive', 'data', ARGV[3], 'opts', '{}', 'timestamp', '1')
  redis.call('HSET', key, 'returnvalue', ARGV[3], 'processedOn', '2', 'finishedOn', '3')
  redis.call('ZADD', 'bull:wal-archive-orders:completed', n, 's-' .. n)
end
local huge = string.rep('x', ARGV[4])
for _, key in ipairs({'walq:{wal-archive}:worker:huge', 'walq:{wal-archive-orders}:pause'}) do
  redis.call('SET', key, huge)
end
redis.call('SADD', 'walq:{wal-archive}:workers', 'huge', huge)
redis.call('HSET', 'bull:wal-archive-orders:meta', 'paused', '1')
redis.call('HSET', 'bull:wal-archive-orders:s-huge', 'name', 'archive', 'data', huge, 'returnvalue', huge)
redis.call('ZADD', 'bull:wal-archive-orders:completed', count + 1, 's-huge')
return count`;

async function fill(url: string): Promise<void> {
  const job = JSON.stringify({ text: 'x'.repeat(1_000) });
  const args = [String(RECORDS), workerRecord('WORKER'), job, String(HUGE.length)];
  expect(await redisCommand(url, 'EVAL', FILL, '0', ...args)).toBe(`:${RECORDS}\r\n`);
}

async function peakMbOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_000);
}

/** With one due segment, so that every view has something to show. */
async function sceneWith(redisUrl: string): Promise<Scene> {
  const scene = await newScene({ redisUrl });
  await scene.writeSegments(1, 2, 1_000);
  await scene.markFlushed('wal-000001.bin');
  return scene;
}

test('a dashboard shows the source and stays small', async () => {
  const redis = await startRedis();
  const scene = await sceneWith(redis.url);
  await fill(redis.url);
  const port = await freePort();
  const env = { WALQ_DASHBOARD__LISTEN: `127.0.0.1:${port}`, WALQ_METRICS__LISTEN: 'off' };
  const dashboard = await startWalq(['dashboard'], { cwd: scene.root, env });
  const ask = async (path: string): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    expect(answer.status).toBe(200);
    return answer.text();
  };
  await eventually(async () => {
    const state = JSON.parse(await ask('/api/state')) as { readonly workers?: readonly unknown[] };
    expect(state.workers?.length).toBeGreaterThan(0);
    expect(state.workers?.length).toBeLessThanOrEqual(500);
  });
  // As a page and a board that stay open.
  for (let round = 0; round < 10; round += 1) {
    await ask('/api/state');
    await ask(
      '/queues/api/queues?activeQueue=wal-archive-orders&status=completed&page=1&jobsPerPage=20000',
    );
    await ask('/queues/api/queues/wal-archive-orders/s-1/flow?depth=9&maxChildren=9');
  }
  const peakMb = await peakMbOf(dashboard.pid);
  expect(peakMb).toBeLessThan(DASHBOARD_MB_MAX);
});

test('commands that ask Redis end, and stay small', async () => {
  const redis = await startRedis();
  const scene = await sceneWith(redis.url);
  await fill(redis.url);
  for (const args of [
    ['status'],
    ['status', '--json'],
    ['retry', 'orders'],
    ['resume', 'orders'],
  ]) {
    const { code, stdout, peakMb } = await measured(scene, args);
    expect([args, code]).toEqual([args, args[0] === 'status' ? 1 : 0]);
    expect(stdout).toContain('orders');
    expect(peakMb).toBeGreaterThan(0);
    expect(peakMb).toBeLessThan(COMMAND_MB_MAX);
  }
});

async function measured(scene: Scene, args: readonly string[]) {
  const running = await startWalq(args, { cwd: scene.root });
  let peakMb = 0;
  const sample = async (): Promise<void> => {
    // It may just have ended, and one that nobody has waited for yet has no memory.
    const mb = await peakMbOf(running.pid).catch(() => 0);
    peakMb = Math.max(peakMb, Number.isNaN(mb) ? 0 : mb);
  };
  const sampling = setInterval(() => void sample(), 20);
  const { code } = await running.exit;
  clearInterval(sampling);
  return { code, stdout: running.stdout, peakMb };
}
