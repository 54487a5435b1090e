/** Runs a child process in its own process group, forwards its lines, and ends it when this process ends. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { access, constants } from 'node:fs/promises';

/** A process to keep running. */
export interface ChildSpec {
  /** Printed before its lines: `worker-1`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Default: the working directory of this process. */
  readonly cwd?: string;
  /** Added to the environment of this process; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Receives the output and the restarts of a supervised process. */
export interface ChildListener {
  line(child: ChildSpec, text: string): Promise<void>;
  /** The process ended unexpectedly and restarts after the delay. */
  restarting(child: ChildSpec, why: string, delayMs: number): void;
}

/** How a child ended. */
export interface ChildEnd {
  /** Null after a signal, or where the child could not start. */
  readonly code: number | null;
  readonly why: string;
}

export interface RunningChild {
  readonly process: ChildProcess;
  /** Resolves when the process has ended and all its output was forwarded; never rejects. */
  readonly ended: Promise<ChildEnd>;
}

/**
 * Starts a child in its own process group, so that a Ctrl-C reaches it once, through its supervisor. Its stdin is a
 * pipe that closes when this process dies, even by SIGKILL; walq's roles treat that as SIGTERM (see
 * `watchSupervisor`).
 */
export function runChild(spec: ChildSpec, listener: ChildListener): RunningChild {
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd,
    env: { ...process.env, ...spec.env, WALQ_SUPERVISED: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  trackChild(child);
  // The child may end while its stdin is open.
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

/**
 * The running children. This process kills them if it exits without having stopped them, as on a second Ctrl-C:
 * they lead their own process groups and would otherwise survive.
 */
const live = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of live) signalGroup(child, 'SIGKILL');
});

function trackChild(child: ChildProcess): void {
  live.add(child);
  child.once('exit', () => live.delete(child));
}

/** Sends a signal to a child and its descendants; does nothing if they have ended. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

const LINE_CHARACTERS_MAX = 64 * 1024;

/** The lines of a child's output. Long lines are split, so that memory is bounded. */
async function* splitLines(stream: Readable): AsyncGenerator<string> {
  stream.setEncoding('utf8');
  let rest = '';
  for await (const text of stream as AsyncIterable<string>) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
    if (rest.length > LINE_CHARACTERS_MAX) {
      yield rest;
      rest = '';
    }
  }
  if (rest !== '') yield rest;
}

const SETPRIV = '/usr/bin/setpriv';

/**
 * Wraps a command so that the kernel ends it when its parent dies, even by SIGKILL. Without `setpriv` (part of
 * util-linux) a server may outlive its owner until the next one starts and ends it; see `endLeftover`.
 */
export async function endingWithParent(
  command: string,
  args: readonly string[],
): Promise<{ command: string; args: readonly string[] }> {
  const has = await access(SETPRIV, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!has) return { command, args };
  return { command: SETPRIV, args: ['--pdeathsig', 'TERM', '--', command, ...args] };
}
