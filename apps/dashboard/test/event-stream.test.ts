import { fastify } from 'fastify';
import { connect } from 'node:net';
import { once } from 'node:events';
import { eventually } from '@walq/test-support';
import { expect, onTestFinished, test } from 'vitest';
import { EventStream } from '../dist/api/event-stream.js';
import { FailedAttempts } from '../dist/security/failed-attempts.js';

test('a reader that does not keep up is dropped, and the others are not', async () => {
  const stream = new EventStream();
  const server = fastify({ forceCloseConnections: true });
  server.get('/', (_request, reply) => void stream.add(reply, 'first'));
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

test('guesses of one client do not lock out another, and are forgotten', () => {
  let now = 0;
  const attempts = new FailedAttempts(() => now);
  for (let n = 0; n < 10; n += 1) attempts.note('10.0.0.1');
  expect(attempts.waitS('10.0.0.1')).toBe(60);
  expect(attempts.waitS('10.0.0.2')).toBe(0);
  now = 60_000;
  expect(attempts.waitS('10.0.0.1')).toBe(0);
});

test('of many clients that guess, the one that failed first is forgotten', () => {
  const attempts = new FailedAttempts(() => 0);
  for (const client of ['first', 'second']) {
    for (let n = 0; n < 10; n += 1) attempts.note(client);
  }
  for (let n = 0; n < 9_999; n += 1) attempts.note(`client ${n}`);
  expect(attempts.waitS('first')).toBe(0);
  expect(attempts.waitS('second')).toBe(60);
});
