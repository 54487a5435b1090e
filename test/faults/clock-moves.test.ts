import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually, startRedis, type RunningProcess } from '@walq/test-support';
import { MEBIBYTE, nameOf, namesOf, newScene, statusOf } from '../scene/index.ts';
import { Clock, HOUR_MS } from './clock.ts';
import { IoFaults } from './io-faults.ts';

const SEGMENTS = 12;
const newest = nameOf(SEGMENTS + 1);

test.each([
  { way: 'forward', byMs: HOUR_MS },
  { way: 'back', byMs: -HOUR_MS },
])(
  'a host’s clock is set $way by an hour while another host has the right time: nothing is lost',
  async ({ byMs }) => {
    const redis = await startRedis();
    const scene = await newScene({ redisUrl: redis.url });
    const clock = await Clock.at(join(scene.root, 'clock'));
    await scene.writeSegments(1, SEGMENTS + 1, 8 * MEBIBYTE);
    await scene.markFlushed(nameOf(SEGMENTS / 2));
    const moved = [
      await scene.startWith(clock.env, 'producer'),
      await scene.startWith(clock.env, 'worker', '--concurrency', '1'),
    ];
    const right = await scene.start('worker', '--concurrency', '1');
    await scene.newlyStaged();

    await clock.set(byMs);
    await scene.markFlushed(nameOf(SEGMENTS));
    await scene.untilLeft([newest]);

    const { sources, workers } = await statusOf(scene);
    expect(sources['orders']).toMatchObject({ dueSegments: 0, quarantined: [] });
    expect(workers).toHaveLength(2);
    for (const role of [...moved, right]) {
      expect(await role.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    }
    for (const role of moved) {
      expect((lastLineMs(role) - lastLineMs(right)) / byMs).toBeCloseTo(1, 1);
    }
    expect(await scene.faultsAtTheEnd({ left: [newest] })).toEqual([]);
    expect(await scene.archived()).toEqual(namesOf(1, SEGMENTS));
  },
);

test.each([
  { which: 'was an hour ahead, and is right now', fromMs: HOUR_MS, toMs: 0 },
  { which: 'was right, and is an hour behind now', fromMs: 0, toMs: -HOUR_MS },
])(
  'what failed on a host whose clock $which, is tried again soon, not in an hour',
  async ({ fromMs, toMs }) => {
    const redis = await startRedis();
    const scene = await newScene({ redisUrl: redis.url });
    const clock = await Clock.at(join(scene.root, 'clock'), fromMs);
    const io = await IoFaults.at(scene.root);
    await scene.writeSegments(1, 4, 1_000);
    await scene.markFlushed(nameOf(3));
    await scene.start('producer');
    // A full archive is what walq is most patient with.
    await io.fail('write', 'ENOSPC', scene.archive);
    const preload = `${io.env['LD_PRELOAD']} ${clock.env['LD_PRELOAD']}`;
    const worker = await scene.startWith(
      { ...clock.env, ...io.env, LD_PRELOAD: preload },
      'worker',
    );
    await eventually(async () =>
      expect((await statusOf(scene)).queues['wal-archive-orders']?.delayed).toBeGreaterThan(0),
    );

    await clock.set(toMs);
    await io.heal();
    await scene.untilLeft([nameOf(4)]);
    expect(await worker.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await scene.faultsAtTheEnd({ left: [nameOf(4)] })).toEqual([]);
  },
);

/** By the clock of the role's own host. */
function lastLineMs({ stdout }: RunningProcess): number {
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  return Date.parse((JSON.parse(last) as { time: string }).time);
}
