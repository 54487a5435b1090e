/** One child process: started in a group of its own, its lines handed on, and gone with its owner. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { access, constants } from 'node:fs/promises';

/** A process that is to be kept running. */
export interface ChildSpec {
  /** Stands before its lines: `worker-1`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Default: that of this process. */
  readonly cwd?: string;
  /** Added to the environment of this process; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** What a supervised process says and what becomes of it. */
export interface ChildListener {
  line(child: ChildSpec, text: string): Promise<void>;
  /** It ended by itself and is started again after the delay. */
  restarting(child: ChildSpec, why: string, delayMs: number): void;
}

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

/**
 * The children that run now. When this process exits without having stopped them, as on a second
 * Ctrl-C, they are killed: they lead process groups of their own and would live on.
 */
const live = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of live) signalGroup(child, 'SIGKILL');
});

function trackChild(child: ChildProcess): void {
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

const LINE_CHARACTERS_MAX = 64 * 1024;

/** The lines of a child's output. One that never ends is handed on in pieces, so that memory is bounded. */
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
 * The command such that the kernel ends it when its parent dies, even by SIGKILL. Where `setpriv` is
 * not there (it is part of util-linux), a server may outlive its owner until the next one starts and
 * ends it; see `endLeftover`.
 */
export async function dyingWithOwner(
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
