import { constants, open } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { errnoOf } from '../failure/system-error.ts';

/**
 * Makes a local socket that others can see to be alive for as long as this process is: the kernel ends
 * it with the process, whatever kills that. It keeps no process running.
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

/** Whether a live process listens there; a file that nobody listens at is dead, or gone. */
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
      // Too many ask at once, or it is just being closed.
      else if (['EAGAIN', 'ECONNRESET'].includes(code)) resolve(true);
      else reject(error);
    });
  });
}

/** The shortest that a system allows for the address of a local socket (macOS; Linux has 107). */
const SOCKET_PATH_BYTES_MAX = 103;
const NAME_BYTES_MAX = 48;

/**
 * Calls `use` with a path to the directory that is short enough for the address of a local socket,
 * which is the path itself or, on Linux, a way to it through an open handle.
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
