import type { ChildProcess } from 'node:child_process';

/**
 * The children that run now. When this process exits without having stopped them, as on a second
 * Ctrl-C, they are killed: they lead process groups of their own and would live on.
 */
const live = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of live) signalGroup(child, 'SIGKILL');
});

export function trackChild(child: ChildProcess): void {
  live.add(child);
  child.once('exit', () => live.delete(child));
}

/** Sends a signal to a child and to what it started; one that is gone already is no failure. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
