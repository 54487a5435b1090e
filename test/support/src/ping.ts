import { once } from 'node:events';
import { connect } from 'node:net';

/** Asks a Redis for PONG over a connection of its own. @throws when there is no such answer */
export async function ping(port: number): Promise<void> {
  const answer = await ask(port, 'PING');
  if (!answer.startsWith('+PONG')) throw new Error(`PING got ${answer}`);
}

/** The first piece of a Redis' answer to one command. @throws when there is none within a second */
export async function ask(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const signal = AbortSignal.timeout(1000);
  try {
    await once(socket, 'connect', { signal });
    socket.write(`${command}\r\n`);
    const [answer] = (await once(socket, 'data', { signal })) as [Buffer];
    return answer.toString();
  } finally {
    socket.destroy();
  }
}
