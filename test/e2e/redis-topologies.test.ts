import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import {
  eventually,
  freePort,
  redisBinary,
  startProcess,
  startRedis,
  temporaryDirectory,
} from '@walq/test-support';
import { nameOf, newScene } from '../scene/index.ts';

const servers: readonly { what: string; url: () => Promise<string>; says: RegExp }[] = [
  {
    what: 'cluster mode',
    url: async () => {
      const directory = await temporaryDirectory('cluster');
      const nodes = ['--cluster-config-file', directory.at('nodes.conf')];
      return (await startRedis({ args: ['--cluster-enabled', 'yes', ...nodes] })).url;
    },
    says: /Redis runs in cluster mode/,
  },
  { what: 'a Sentinel', url: sentinelUrl, says: /is a Redis Sentinel[^]*redis\.sentinels/ },
];

test.each(servers)('$what is refused by name, by check and by roles', async ({ url, says }) => {
  const scene = await newScene({ redisUrl: await url() });
  await scene.writeSegments(1, 2, 1_000);
  await scene.markFlushed(nameOf(1));
  const checked = await scene.walq('check');
  expect(checked.code).toBe(1);
  expect(checked.stdout).toMatch(says);
  for (const command of [['worker'], ['worker', '--until-empty']]) {
    const { code, stderr } = await scene.walq(...command);
    expect(code).toBe(1);
    expect(stderr).toMatch(says);
    expect(stderr).toContain('code: redis-unsuitable');
  }
  const producer = await scene.start('producer');
  const line = JSON.parse(await producer.waitForLine(/redis-unsuitable/)) as { msg: string };
  expect(line.msg).toMatch(/cluster mode|Sentinel/);
  expect(await producer.kill('SIGTERM')).toEqual({ code: 0, signal: null });
});

async function sentinelUrl(): Promise<string> {
  const directory = await temporaryDirectory('sentinel');
  const port = await freePort();
  const file = directory.at('sentinel.conf');
  await writeFile(file, `bind 127.0.0.1\nport ${port}\ndir ${directory.path}\n`);
  const sentinel = await startProcess(await redisBinary(), [file, '--sentinel']);
  await sentinel.waitForLine(/Sentinel ID is/);
  return `redis://127.0.0.1:${port}`;
}

test('a server that fills its memory, or cannot save, takes no jobs, and check and status say so', async () => {
  const redis = await startRedis();
  const scene = await newScene({ redisUrl: redis.url });
  await scene.writeSegments(1, 2, 1_000);
  await redis.configure('maxmemory', '1');
  await eventually(async () => {
    const { code, stdout } = await scene.walq('check');
    expect(code).toBe(1);
    expect(stdout).toMatch(/FAILED +redis .*OOM[^]*hint: .*maxmemory/);
  });
  expect((await scene.walq('status', '--json')).json()).toMatchObject({ redis: 'refusing' });
});
