import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import {
  eventually,
  freePort,
  redisBinary,
  startProcess,
  startRedis,
  temporaryDirectory,
} from '@walq/test-support';
import { nameOf, newScene, walqBin } from '../scene/index.ts';
import { startAgedProxy } from './aged-proxy.ts';
import { mayMount } from './filesystem.ts';

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
  {
    what: 'a version that is too old',
    url: async () => startAgedProxy((await startRedis()).port),
    says: /Redis is version 5\.\S+; walq needs 6\.2 or newer/,
  },
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
  expect(line.msg).toMatch(/cluster mode|Sentinel|version 5/);
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

test.runIf(mayMount)(
  'a server that turns away whoever comes from elsewhere is named by check: protected mode',
  async () => {
    const directory = await temporaryDirectory('protected');
    // No address of the loopback network, so that the server takes its clients for foreign ones.
    const address = '192.0.2.1';
    const own = `--bind ${address} --port 6379 --save "" --dir ${directory.path}`;
    const begin = `ip link set lo up; ip addr add ${address}/32 dev lo; exec "$0" ${own}`;
    const redis = await startProcess('unshare', ['--net', 'sh', '-ec', begin, await redisBinary()]);
    await redis.waitForLine(/Ready to accept connections/);
    const scene = await newScene({ redisUrl: `redis://${address}` });
    const inside = ['--net', '--target', String(redis.pid), process.execPath, walqBin, 'check'];
    const check = await startProcess('nsenter', inside, { cwd: scene.root });
    expect(await check.exit).toEqual({ code: 1, signal: null });
    expect(check.stdout).toMatch(/FAILED +redis redis:\/\/192\.0\.2\.1[^]*hint: .*protected mode/);
  },
);

// The reply of a server that closes at once may be lost with the connection, which a busy machine shows.
test('a server that closes every connection without a word is named by check, with what may be the cause', async () => {
  await using server = createServer((socket) => socket.resume().end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const scene = await newScene({ redisUrl: `redis://127.0.0.1:${port}` });
  const { code, stdout } = await scene.walq('check');
  expect(code).toBe(1);
  expect(stdout).toMatch(/FAILED +redis [^]*hint: .*protected mode.*maxclients/);
});

test('a server without room for one more client is named by check', async () => {
  const redis = await startRedis();
  const taken = connect(redis.port, '127.0.0.1');
  await once(taken, 'connect');
  await redis.configure('maxclients', '1');
  const scene = await newScene({ redisUrl: redis.url });
  const { code, stdout } = await scene.walq('check');
  expect(code).toBe(1);
  expect(stdout).toMatch(/FAILED +redis [^]*hint: .*maxclients/);
  taken.destroy();
});
