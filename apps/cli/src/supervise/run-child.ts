import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { ChildListener, ChildSpec } from './child-spec.ts';
import { trackChild } from './live-children.ts';
import { splitLines } from './split-lines.ts';

/** How a child ended: an exit code, or in words what else. */
export interface ChildEnd {
  readonly code: number | null;
  readonly why: string;
}

export interface RunningChild {
  readonly process: ChildProcess;
  /** When it has ended and all it wrote was handed on; never rejects. */
  readonly ended: Promise<ChildEnd>;
}

/**
 * Starts a child in a process group of its own, so that a Ctrl-C reaches it once, through its
 * supervisor. Its stdin is a pipe that closes when this process dies, however it dies; a role of walq
 * takes that for SIGTERM (see `watchSupervisor`).
 */
export function runChild(spec: ChildSpec, listener: ChildListener): RunningChild {
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd,
    env: { ...process.env, ...spec.env, WALQ_SUPERVISED: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  trackChild(child);
  // A child that ends while its stdin is open is no failure of ours.
  child.stdin.on('error', () => undefined);
  const forward = async (stream: typeof child.stdout) => {
    for await (const line of splitLines(stream)) await listener.line(spec, line);
  };
  const read = Promise.all([forward(child.stdout), forward(child.stderr)]);
  return { process: child, ended: endOf(child, read) };
}

async function endOf(child: ChildProcess, read: Promise<unknown>): Promise<ChildEnd> {
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    await read;
    return { code, why: signal === null ? `exit code ${code}` : signal };
  } catch (error) {
    return { code: null, why: error instanceof Error ? error.message : String(error) };
  }
}
