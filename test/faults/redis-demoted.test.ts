import { expect, test } from 'vitest';
import { eventually, startCuttingProxy, startRedis } from '@walq/test-support';
import { MEBIBYTE, nameOf, newScene, statusOf } from '../scene/index.ts';

/** An address that leads to a primary, as a virtual address or a name does, and later to another one. */
test('the old primary becomes a replica and stays up: roles leave it for the new one, and all is archived', async () => {
  const old = await startRedis();
  const successor = await startRedis({ args: ['--replicaof', '127.0.0.1', String(old.port)] });
  const address = await startCuttingProxy(old.port);
  const scene = await newScene({ redisUrl: address.url });
  await scene.writeSegments(1, 9, MEBIBYTE);
  await scene.markFlushed(nameOf(2));
  const producer = await scene.start('producer');
  const worker = await scene.start('worker', '--concurrency', '1');
  await scene.untilLeft([3, 4, 5, 6, 7, 8, 9].map(nameOf));

  // Connections that stand lead to the old primary for as long as nobody closes them.
  await successor.command('REPLICAOF NO ONE');
  await old.command(`REPLICAOF 127.0.0.1 ${successor.port}`);
  const asked = await scene.walq('status', '--json');
  expect(asked.json()).toMatchObject({ redis: 'refusing' });
  expect(asked.stdout).toContain('READONLY');
  const checked = await scene.walq('check');
  expect(checked.code).toBe(1);
  expect(checked.stdout).toMatch(/FAILED +redis .*READONLY/);
  expect(checked.stdout).toMatch(/hint: .*replica.*primary/);
  await worker.waitForLine(/is not available/);

  address.leadTo(successor.port);
  await scene.markFlushed(nameOf(8));
  await scene.untilLeft([nameOf(9)]);
  await eventually(async () => {
    const { redis, workers } = await statusOf(scene);
    expect({ redis, workers: workers.length }).toEqual({ redis: 'ok', workers: 1 });
  });
  for (const role of [producer, worker]) {
    expect(await role.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  }
  expect(await scene.faultsAtTheEnd({ left: [nameOf(9)] })).toEqual([]);
});
