/** Every role ends in order on SIGHUP as on SIGTERM, ready or not yet, and at once on a second signal. */
import { expect, test } from 'vitest';
import { eventually, startCuttingProxy, startRedis, type RunningProcess } from '@walq/test-support';
import { MEBIBYTE, nameOf, newScene, type Scene } from '../scene/index.ts';

const inOrder = { code: 0, signal: null };
const roles = ['producer', 'worker', 'dashboard', 'up'] as const;

const startRole = (scene: Scene, role: string): Promise<RunningProcess> =>
  scene.startWith({ WALQ_DASHBOARD__LISTEN: '127.0.0.1:0' }, role);

test.each(roles)('walq %s ends in order where its terminal is closed', async (name) => {
  const redis = await startRedis();
  const scene = await newScene({ redisUrl: redis.url });
  const role = await startRole(scene, name);
  await role.waitForLine(name === 'up' ? /worker ready/ : / ready/);
  // The terminal sends it, and the shell again.
  role.send('SIGHUP');
  expect(await role.kill('SIGHUP')).toEqual(inOrder);
  expect(role.stdout).toMatch(name === 'up' ? /worker ended/ : new RegExp(`${name} ended`));
});

test.each(
  roles.flatMap((name) => [
    { name, signal: 'SIGTERM' as const },
    { name, signal: 'SIGHUP' as const },
  ]),
)(
  'walq $name that has not started yet, since Redis does not answer, ends on $signal',
  async ({ name, signal }) => {
    const redis = await startRedis();
    const silent = await startCuttingProxy(redis.port, { command: 1, lost: 'all-answers' });
    const scene = await newScene({ redisUrl: silent.url });
    const role = await startRole(scene, name);
    await eventually(() => expect(silent.commands).toBeGreaterThan(0), { everyMs: 2 });
    expect(await role.kill(signal)).toEqual(inOrder);
  },
);

test.each(['SIGTERM', 'SIGINT', 'SIGQUIT'] as const)(
  'a second signal, %s, ends a worker at once, and nothing is half done',
  async (second) => {
    const redis = await startRedis();
    // At this level a segment takes longer than the grace.
    const scene = await newScene({ redisUrl: redis.url, level: 19 });
    await scene.writeSegments(1, 2, 64 * MEBIBYTE);
    await scene.markFlushed(nameOf(1));
    await scene.start('producer');
    const worker = await scene.startWith({ WALQ_WORKER__SHUTDOWN_GRACE: '10m' }, 'worker');
    await scene.newlyStaged();
    worker.send('SIGTERM');
    await worker.waitForLine(/SIGTERM: finishing/);
    expect(await worker.kill(second)).toEqual({
      code: { SIGTERM: 143, SIGINT: 130, SIGQUIT: 131 }[second],
      signal: null,
    });
    expect(await scene.faultsAtAnyTime()).toEqual([]);
  },
);
