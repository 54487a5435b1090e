/**
 * Two named pipes through which the shell fast path (apps/cli/bin/walq) asks a running process, because that costs less
 * than starting one. `ask` carries `PID NAME REST`, one line a request; `answer` carries `PID yes` or `PID no`.
 *
 * The process holds both open. When it ends, however it ends, a shell that waits reads the end of `answer`. Two shells
 * that ask at once may read parts of each other's answers. One that still runs a second later is taken to have lost its
 * answer, and the pipes are closed.
 */
import { execFile } from 'node:child_process';
import { constants, open } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

export interface PipeRequest {
  /** The shell that waits. */
  readonly pid: number;
  /** A file of PostgreSQL. */
  readonly name: string;
  readonly rest: string;
}

/** How long after its answer a shell has ended. */
const LOST_MS = 1_000;

/** A descriptor for a socket, which closes it. */
const openFile = promisify(open);

export class RequestPipes {
  readonly #directory: string;
  readonly #asked: Socket;
  readonly #answers: Socket;
  /** Resolves when the pipes are closed, also without a call of `close`. */
  readonly closed: Promise<unknown>;

  private constructor(directory: string, ask: number, answer: number) {
    this.#directory = directory;
    this.#asked = new Socket({ fd: ask, readable: true, writable: false });
    this.#answers = new Socket({ fd: answer, readable: false, writable: true });
    for (const socket of [this.#asked, this.#answers]) socket.on('error', () => void this.close());
    this.closed = new Promise((resolve) => this.#asked.once('close', resolve));
  }

  /** @throws the system's error, or that of `mkfifo` */
  static async make(directory: string): Promise<RequestPipes> {
    const paths = pathsIn(directory);
    await mkdir(directory, { recursive: true });
    await removeAll(paths);
    await promisify(execFile)('mkfifo', ['-m', '600', '--', ...paths]);
    // Read and write, so that neither waits for the other end, nor reads the end of one.
    const flags = constants.O_RDWR | constants.O_NONBLOCK;
    const [ask, answer] = paths;
    return new RequestPipes(directory, await openFile(ask, flags), await openFile(answer, flags));
  }

  /** Whether a process answers here. */
  static async areServed(directory: string): Promise<boolean> {
    const [ask] = pathsIn(directory);
    try {
      // Fails where nobody reads.
      const fd = await openFile(ask, constants.O_WRONLY | constants.O_NONBLOCK);
      new Socket({ fd, readable: false, writable: true }).destroy();
      return true;
    } catch {
      return false;
    }
  }

  /** Each request gets the answer that `serve` gives, unless it rejects because this process ends. */
  onRequest(serve: (request: PipeRequest) => Promise<boolean>): void {
    createInterface({ input: this.#asked }).on('line', (line) => {
      const { pid, name, rest } =
        /^(?<pid>[1-9]\d*) (?<name>\S+) (?<rest>.+)$/.exec(line)?.groups ?? {};
      if (pid === undefined || name === undefined || rest === undefined) return;
      void serve({ pid: Number(pid), name, rest }).then(
        (isYes) => this.#answer(Number(pid), isYes),
        () => undefined,
      );
    });
  }

  #answer(pid: number, isYes: boolean): void {
    if (this.#answers.destroyed) return;
    this.#answers.write(`${pid} ${isYes ? 'yes' : 'no'}\n`);
    setTimeout(() => isRunning(pid) && void this.close(), LOST_MS).unref();
  }

  /** A shell that waits reads the end at once. Never rejects. */
  async close(): Promise<void> {
    this.#asked.destroy();
    this.#answers.destroy();
    await removeAll(pathsIn(this.#directory)).catch(() => undefined);
  }
}

export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const pathsIn = (directory: string) => [join(directory, 'ask'), join(directory, 'answer')] as const;

async function removeAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { force: true });
}
