import { fastify } from 'fastify';
import { connect } from 'node:net';
import { once } from 'node:events';
import { eventually } from '@walq/test-support';
import { expect, onTestFinished, test } from 'vitest';
import { EventStream } from '../dist/api/event-stream.js';

const client = { session: 'ops', network: '127.0.0.1' };

test('a reader that does not keep up is disconnected, and the others are not', async () => {
  const stream = new EventStream();
  const server = fastify({ forceCloseConnections: true });
  server.get('/', (_request, reply) => void stream.add(reply, client, 'first'));
  await server.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    stream.close();
    await server.close();
  });
  const [address] = server.addresses();
  const open = async () => {
    if (typeof address !== 'object') throw new Error('no port');
    const socket = connect(address.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
    onTestFinished(() => void socket.destroy());
    return socket;
  };
  const reader = await open();
  reader.resume();
  const stuck = await open();
  stuck.pause();
  await eventually(() => expect(stream.readerCount).toBe(2));
  const large = 'x'.repeat(500_000);
  await eventually(() => {
    stream.send(large);
    expect(stream.readerCount).toBe(1);
  });
});
