/** The shell (apps/cli/bin/walq) that started this process, and may get a signal that it need not wait for its end. */
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

const SIGNAL_INTERVAL_MS = 20;

/** 0 where this process was not started by the script. */
const shell = Number(process.env['WALQ_WAITING'] ?? 0);

/** A shell that has ended is no parent any more, whoever has its process id now. */
export const isShellWaiting = (): boolean => shell > 1 && process.ppid === shell;

/** Signals to the shell that the file is at its destination. Repeated, because a signal before its `wait` wakes nobody. */
export function signalShell(): void {
  if (!isShellWaiting()) return;
  process.kill(shell, 'SIGUSR1');
  setTimeout(signalShell, SIGNAL_INTERVAL_MS).unref();
}

/** PostgreSQL waits for everybody who holds its pipes. */
export function releaseOutput(): void {
  for (const fd of [0, 1, 2]) {
    closeSync(fd);
    // The lowest free descriptor: the one that was closed.
    openSync(devNull, 'r+');
  }
}
