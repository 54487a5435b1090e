import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const walq = fileURLToPath(new URL('../../bin/walq.js', import.meta.url));

/**
 * Whether what this command leaves running would become a child of the server in whose directory it runs: one that
 * is process 1, as in a container without an init. The server takes the end of a child that it does not know for a
 * crash of its own, unless it ends well, and then restarts all its processes; nothing ends well that is killed.
 */
export async function isAdoptedByServer(): Promise<boolean> {
  const text = await readFile('postmaster.pid', 'utf8').catch(() => '');
  return text.split('\n', 1)[0]?.trim() === '1';
}

/** Starts `walq wal-fetch-ahead` for a call of `wal-fetch`; it goes on when this process has ended. */
export function startFetchingAhead(argv: readonly string[]): void {
  const at = argv.indexOf('wal-fetch');
  const args = argv.with(at, 'wal-fetch-ahead');
  const child = spawn(process.execPath, [...process.execArgv, walq, ...args], {
    detached: true,
    // PostgreSQL waits for everybody who holds its pipes.
    stdio: 'ignore',
  });
  // Without it files are fetched one by one.
  child.on('error', () => undefined);
  child.unref();
}
