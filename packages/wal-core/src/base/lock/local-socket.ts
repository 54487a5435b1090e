import { constants, open } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { errnoOf } from '../failure/system-error.ts';

/**
 * Opens a local socket that shows other processes that this one is alive: the kernel closes it when the process ends,
 * however it ends. The socket does not keep the process running.
 */
export function listenAt(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.once('error', reject);
    // Exclusive: a cluster's worker must not share its primary's socket, which would outlive it.
    server.listen({ path, exclusive: true }, () => {
      server.off('error', reject);
      resolve(server.unref());
    });
  });
}

export function closeSocket(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
  });
}

/** Whether a live process listens on the socket. */
export function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const connection = connect({ path });
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', (error) => {
      const code = errnoOf(error) ?? '';
      if (['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'].includes(code)) resolve(false);
      // Its backlog is full, or it is being closed.
      else if (['EAGAIN', 'ECONNRESET'].includes(code)) resolve(true);
      else reject(error);
    });
  });
}

/** The lowest limit of a supported system for the address of a local socket (macOS; Linux has 107). */
const SOCKET_PATH_BYTES_MAX = 103;
const NAME_BYTES_MAX = 48;

/**
 * Calls `use` with a path to the directory that is short enough for the address of a local socket: the path itself
 * or, on Linux, a path through an open handle.
 */
export async function withSocketPath<T>(
  directory: string,
  use: (path: string) => Promise<T>,
): Promise<T> {
  if (Buffer.byteLength(directory) + NAME_BYTES_MAX <= SOCKET_PATH_BYTES_MAX) return use(directory);
  const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return await use(`/proc/self/fd/${handle.fd}`);
  } finally {
    await handle.close();
  }
}
