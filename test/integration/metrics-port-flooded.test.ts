import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type Socket } from 'node:net';
import { eventually, freePort, startProcess, startRedis } from '@walq/test-support';
import { expect, onTestFinished, test } from 'vitest';
import { namesOf, newScene, walqBin } from '../scene/index.ts';

/**
 * How many connections to this port the server's side has, as the kernel lists them: local address, remote address, state.
 * A client cannot count them: it takes a connection for open that the kernel has dropped from a full accept queue.
 */
async function establishedOn(port: number): Promise<number> {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = (await readFile('/proc/net/tcp', 'utf8')).split('\n').slice(1);
  const fields = lines.map((line) => line.trim().split(/\s+/));
  return fields.filter(([, address, , state]) => address?.endsWith(local) && state === '01').length;
}

/** Connections that are opened and send nothing. */
function connectIdly(port: number, count: number): Socket[] {
  const sockets = Array.from({ length: count }, () =>
    connect(port, '127.0.0.1').on('error', () => undefined),
  );
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  return sockets;
}

test('a worker with 1,024 descriptors archives while its metrics port is flooded', async () => {
  const redis = await startRedis();
  const scene = await newScene({ redisUrl: redis.url });
  const port = await freePort();
  const worker = await startProcess(
    'sh',
    ['-c', 'ulimit -n 1024 && exec "$@"', 'sh', process.execPath, walqBin, 'worker'],
    {
      cwd: scene.root,
      env: { WALQ_METRICS__LISTEN: `127.0.0.1:${port}`, XDG_STATE_HOME: join(scene.root, 'state') },
    },
  );
  await worker.waitForLine(/worker ready/);
  connectIdly(port, 1_500);
  const [greedy] = connectIdly(port, 1);
  greedy?.resume();
  greedy?.write(`GET /metrics HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`.repeat(5_000));
  await scene.writeSegments(1, 21, 10_000);
  await scene.markFlushed('wal-000020.bin');
  await scene.start('producer');
  const askedMs = performance.now();
  const health = await fetch(`http://127.0.0.1:${port}/healthz`);
  expect([health.status, performance.now() - askedMs < 5_000]).toEqual([200, true]);
  await scene.untilArchived(namesOf(1, 20));
  // All but a few were closed, and these soon are: they ask for nothing.
  await eventually(async () => expect(await establishedOn(port)).toBe(0));
  expect(worker.stdout).not.toContain('EMFILE');
});
