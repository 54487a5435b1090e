/** A server that gives every request the same answer, whatever that is. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** Calls `use` with the server's URL; the server is gone when it returns. */
export async function answering<T>(
  answer: Buffer,
  use: (endpoint: string) => Promise<T>,
): Promise<T> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    // Whoever has had enough of the answer hangs up.
    socket.on('error', () => undefined);
    socket.once('data', () => void socket.resume().end(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    return await use(`http://127.0.0.1:${port}`);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  }
}
