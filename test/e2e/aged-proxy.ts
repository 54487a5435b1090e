import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Stands before a Redis and has it say that it is of version 5; gives the URL. */
export async function startAgedProxy(target: number): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const redis = connect(target, '127.0.0.1');
    for (const [from, to] of [
      [client, redis],
      [redis, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => to.destroy());
    }
    client.on('data', (bytes) => redis.write(bytes));
    redis.on('data', (bytes) => client.write(aged(bytes), 'latin1'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address given');
  return `redis://127.0.0.1:${address.port}`;
}

/** Of the same length, which the answer states before; several answers may come in one piece. */
const aged = (bytes: Buffer): string =>
  bytes.toString('latin1').replace(/redis_version:\d/g, 'redis_version:5');
