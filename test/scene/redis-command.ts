import { once } from 'node:events';
import { connect } from 'node:net';

/** Has a Redis do one command with any bytes in it; gives the first piece of its answer. */
export async function redisCommand(url: string, ...args: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const parts = args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`);
  socket.write(`*${args.length}\r\n${parts.join('')}`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString();
}
