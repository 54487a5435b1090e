import { once } from 'node:events';
import { connect } from 'node:net';

/** Asks a Redis for PONG over a connection of its own. @throws when there is no such answer */
export async function ping(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const signal = AbortSignal.timeout(1000);
  try {
    await once(socket, 'connect', { signal });
    socket.write('PING\r\n');
    const [answer] = (await once(socket, 'data', { signal })) as [Buffer];
    if (!answer.toString().startsWith('+PONG')) throw new Error(`PING got ${answer.toString()}`);
  } finally {
    socket.destroy();
  }
}
