import { expect, test } from 'vitest';
import { startRedis, temporaryDirectory } from '@walq/test-support';
import { namesOf, newScene, redisCommand } from '../scene/index.ts';

test('a Redis on a socket that the configuration names is used by check, status and the roles', async () => {
  const { at } = await temporaryDirectory('socket');
  const socket = at('redis.sock');
  const redis = await startRedis({ args: ['--unixsocket', socket, '--unixsocketperm', '700'] });
  const scene = await newScene({ redisUrl: `unix://${socket}?db=2` });
  await scene.writeSegments(1, 6, 1_000);
  await scene.markFlushed('wal-000005.bin');
  expect((await scene.walq('check')).stdout).toMatch(new RegExp(`ok +redis unix://${socket}`));
  await scene.start('producer');
  await scene.start('worker');
  await scene.untilArchived(namesOf(1, 5));
  expect((await scene.walq('status', '--json')).json()).toMatchObject({ redis: 'ok' });
  const keys = await redisCommand(redis.url, 'info', 'keyspace');
  expect(keys).toContain('db2:');
  expect(keys).not.toContain('db0:');
});

test('a socket that is not there, and one without an absolute path, are named with what to do', async () => {
  const { at } = await temporaryDirectory('socket');
  const away = await newScene({ redisUrl: `unix://${at('none.sock')}` });
  const { code, stdout } = await away.walq('check');
  expect(code).toBe(1);
  expect(stdout).toMatch(/FAILED +redis unix:.*none\.sock[^]*hint: /);
  const relative = await newScene({ redisUrl: 'unix://redis.sock' });
  expect((await relative.walq('check')).stderr).toContain('redis.url: expected');
});
