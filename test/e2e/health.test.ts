import { expect, test } from 'vitest';
import { eventually, freePort, startRedis } from '@walq/test-support';
import { newScene, startWalq } from '../scene/index.ts';

test.each(['worker', 'producer'])(
  'a %s without Redis is alive and not ready, says so to Prometheus, and recovers',
  async (role) => {
    const redis = await startRedis();
    const scene = await newScene({ redisUrl: redis.url });
    await scene.writeSegments(1, 2, 1_000);
    const at = `127.0.0.1:${await freePort()}`;
    const env = { WALQ_METRICS__LISTEN: at };
    await startWalq(['producer'], { cwd: scene.root, env: role === 'producer' ? env : {} });
    if (role === 'worker') await startWalq(['worker'], { cwd: scene.root, env });
    const ask = async (path: string) => fetch(`http://${at}${path}`);
    const metrics = async () => (await ask('/metrics')).text();
    await eventually(async () => expect((await ask('/readyz')).status).toBe(200));
    expect(await metrics()).toContain('walq_redis_available 1');

    await redis.kill();
    await eventually(async () => expect(await metrics()).toContain('walq_redis_available 0'));
    expect((await ask('/healthz')).status).toBe(200);
    const ready = await ask('/readyz');
    expect(ready.status).toBe(503);
    expect(await ready.text()).toContain('Redis is unreachable');

    await redis.restartEmpty();
    await eventually(async () => expect((await ask('/readyz')).status).toBe(200));
  },
);
