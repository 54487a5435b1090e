import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const walq = fileURLToPath(new URL('../../bin/walq.js', import.meta.url));

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
