/** `used_memory` of a Redis, in bytes. */
import { connect } from 'node:net';

export const redisMemory = (url: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.write('INFO memory\r\n'));
    let text = '';
    socket.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      const bytes = /^used_memory:(\d+)\r$/m.exec(text)?.[1];
      if (bytes === undefined) return;
      socket.destroy();
      resolve(Number(bytes));
    });
    socket.once('error', reject);
  });
