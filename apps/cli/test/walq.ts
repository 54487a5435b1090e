/** Commands of walq: in this process where a process is not the point, and in one of their own where it is. */
import { fileURLToPath } from 'node:url';
import { startProcess, type ProcessOptions, type RunningProcess } from '@walq/test-support';
import { Interruption } from '../dist/command-line/interruption.js';
import { runCommandLine } from '../dist/command-line/run-command-line.js';

/** Node and the command's file: the program and first argument of a command in a process of its own. */
export const walqCommand = [
  process.execPath,
  fileURLToPath(new URL('../bin/walq.js', import.meta.url)),
] as const;

/** How a command ended, and what it printed. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let before: Promise<unknown> = Promise.resolve();

/**
 * Runs a command in this process, with a working directory, an environment and an output of its own. These belong to
 * the whole process, so one command runs after the other; two at once are processes.
 */
export function walq(args: readonly string[], options: ProcessOptions = {}): Promise<Outcome> {
  const outcome = before.then(() => runHere(args, options));
  before = outcome.catch(() => undefined);
  return outcome;
}

async function runHere(
  args: readonly string[],
  { cwd = process.cwd(), env = {} }: ProcessOptions,
): Promise<Outcome> {
  const outer = { cwd: process.cwd(), env: Object.keys(env).map(nameAndValue) };
  const stdout = captured(process.stdout);
  const stderr = captured(process.stderr);
  process.chdir(cwd);
  setVariables(Object.entries(env));
  try {
    const code = await runCommandLine(args, new Interruption());
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    setVariables(outer.env);
    process.chdir(outer.cwd);
    stdout.release();
    stderr.release();
  }
}

type Variable = readonly [name: string, value: string | undefined];

const nameAndValue = (name: string): Variable => [name, process.env[name]];

/** In the environment of the process itself, which Node and libraries read too. */
function setVariables(variables: readonly Variable[]): void {
  for (const [name, value] of variables) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

/** Captures a stream, which is not a terminal until the end. */
function captured(stream: NodeJS.WriteStream) {
  const { write, isTTY } = stream;
  const parts: string[] = [];
  const keep = (part: string | Uint8Array, ...more: unknown[]): boolean => {
    parts.push(typeof part === 'string' ? part : Buffer.from(part).toString());
    const done = more.find((one) => typeof one === 'function');
    if (done !== undefined) process.nextTick(done);
    return true;
  };
  Object.assign(stream, { write: keep, isTTY: false });
  return {
    text: () => parts.join(''),
    release: () => void Object.assign(stream, { write, isTTY }),
  };
}

/** Starts a command as a user does, in a process of its own. */
export const startWalq = (
  args: readonly string[],
  options?: ProcessOptions,
): Promise<RunningProcess> => {
  const [node, bin] = walqCommand;
  return startProcess(node, [bin, ...args], options);
};

/** Runs the command in a process of its own, to its end. */
export async function walqProcess(
  args: readonly string[],
  options?: ProcessOptions,
): Promise<Outcome> {
  return ended(await startWalq(args, options));
}

/** How a process ended, and all that it wrote. */
export async function ended(running: RunningProcess): Promise<Outcome> {
  const { code } = await running.exit;
  return { code, stdout: running.stdout, stderr: running.stderr };
}
