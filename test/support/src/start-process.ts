import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once, type EventEmitter } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE_MS } from './eventually.ts';
import { afterThisTest } from './this-test.ts';

const HELD_OUTPUT_MS = 1000;

/** How a process ended: on its own (`code`) or by a signal. */
interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Selects the awaited line. */
type LineMatch = RegExp | ((line: string) => boolean);

/** A child process of a test, with what it wrote. */
export class RunningProcess {
  readonly pid: number;
  /**
   * Resolves when the process has ended and all it wrote has been read; a second
   * later when a child of its own still holds its output open.
   */
  readonly exit: Promise<Ended>;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #stdout: BoundedOutput;
  readonly #stderr: BoundedOutput;
  #ended = false;

  constructor(child: ChildProcessByStdio<null, Readable, Readable>, pid: number) {
    this.#child = child;
    this.pid = pid;
    this.#stdout = new BoundedOutput(child.stdout);
    this.#stderr = new BoundedOutput(child.stderr);
    this.exit = this.#end(child);
  }

  get stdout(): string {
    return this.#stdout.text;
  }

  get stderr(): string {
    return this.#stderr.text;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Sends `signal` (default SIGKILL), and waits for the end. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Ended> {
    this.send(signal);
    return await this.exit;
  }

  /** Sends `signal` and does not wait, for SIGSTOP and SIGCONT. */
  send(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /**
   * The first line of stdout or stderr, written already or to come, that matches.
   * @throws when the process ends, or `timeoutMs` (default `PATIENCE_MS`) goes by, without one
   */
  async waitForLine(match: LineMatch, { timeoutMs = PATIENCE_MS } = {}): Promise<string> {
    const matches = typeof match === 'function' ? match : (line: string) => match.test(line);
    const written = [...this.#stdout.lines, ...this.#stderr.lines].find(matches);
    return written ?? (await this.#nextLine(matches, String(match), timeoutMs));
  }

  async #end(child: EventEmitter): Promise<Ended> {
    const closed = once(child, 'close');
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    this.#ended = true;
    await Promise.race([closed, sleep(HELD_OUTPUT_MS, undefined, { ref: false })]);
    return { code, signal };
  }

  async #nextLine(matches: (line: string) => boolean, awaited: string, timeoutMs: number) {
    const done = new AbortController();
    const gaveUp = async () => {
      await Promise.race([sleep(timeoutMs, undefined, { signal: done.signal }), this.exit]);
      throw new Error(this.#describeMissing(awaited, timeoutMs));
    };
    try {
      return await Promise.race([this.#listenFor(matches, done.signal), gaveUp()]);
    } finally {
      done.abort();
    }
  }

  #listenFor(matches: (line: string) => boolean, signal: AbortSignal): Promise<string> {
    return new Promise((resolve) => {
      const listener = (line: string) => void (matches(line) && resolve(line));
      const stops = [this.#stdout.listen(listener), this.#stderr.listen(listener)];
      signal.addEventListener('abort', () => stops.forEach((stop) => stop()), { once: true });
    });
  }

  #describeMissing(awaited: string, timeoutMs: number): string {
    const why = this.#ended ? 'before the process ended' : `within ${timeoutMs} ms`;
    return `no line ${awaited} ${why}\nstdout: ${this.stdout}\nstderr: ${this.stderr}`;
  }
}

export interface ProcessOptions {
  /** Added to the environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** @default the test's own */
  readonly cwd?: string;
}

/**
 * Starts a real process with stdin closed and its output captured.
 * Within a test it is killed when the test ends; after `beforeAll` call `kill()`
 * in `afterAll`.
 *
 * @throws when `command` cannot be started
 */
export async function startProcess(
  command: string,
  args: readonly string[] = [],
  { env = {}, cwd }: ProcessOptions = {},
): Promise<RunningProcess> {
  const child = spawn(command, args, {
    env: { ...outsideVitest(process.env), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  await once(child, 'spawn');
  const running = new RunningProcess(child, startedPid(child.pid));
  afterThisTest(() => running.kill());
  return running;
}

function startedPid(pid: number | undefined): number {
  if (pid === undefined) throw new Error('a started process has a pid');
  return pid;
}

const KEPT_LINES_MAX = 20_000;

/** The last lines that a process wrote to one stream. */
class BoundedOutput {
  readonly #lines: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();

  constructor(stream: Readable) {
    createInterface({ input: stream }).on('line', (line) => this.#take(line));
  }

  /** What was written, at most the last 20,000 lines of it. */
  get text(): string {
    return this.#lines.map((line) => `${line}\n`).join('');
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Calls `listener` with each line to come; the returned function ends that. */
  listen(listener: (line: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #take(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > KEPT_LINES_MAX) this.#lines.shift();
    for (const listener of this.#listeners) listener(line);
  }
}

/** The environment without what vitest put in, so that a child runs as in production. */
function outsideVitest(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !isOfVitest(name));
  return Object.fromEntries(kept);
}

function isOfVitest(name: string): boolean {
  return /^(VITEST($|_)|NODE_ENV$|TEST$|DEV$|PROD$|MODE$|SSR$|BASE_URL$|NODE_OPTIONS$|WALQ_(SOAK|SCREENSHOTS))/.test(
    name,
  );
}
