import { constants, open } from 'node:fs/promises';

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
