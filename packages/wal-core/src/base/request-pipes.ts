/**
 * Two named pipes through which the shell fast path (apps/cli/bin/walq) asks a running process, because that costs less
 * than starting one. `ask` carries `PID NAME REST`, one line a request, and `PID` once a shell has read another answer than yes; `answer` carries `PID yes`, `PID later` or `PID no`.
 *
 * The process holds both open. When it ends, however it ends, a shell that waits reads the end of `answer`. Two shells
 * that ask at once may read parts of each other's answers. So when a shell neither ends nor says that it has read its
 * answer, the pipes are closed. The mtime of `alive` is until when the process is taken to answer: a frozen one must not
 * be asked.
 */
import { execFile } from 'node:child_process';
import { constants, open } from 'node:fs';
import { lstat, mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { temporaryNameFor } from './disk/write-file-durably.ts';

export interface PipeRequest {
  /** The shell that waits. */
  readonly pid: number;
  /** A file of PostgreSQL. */
  readonly name: string;
  readonly rest: string;
}

/** How long a shell takes to read its answer. */
const READ_MS_MAX = 1_000;
const WATCH_MS = 1_000;
const ALIVE_MS = 5_000;

export type PipeAnswer = 'yes' | 'later' | 'no';

/** A descriptor for a socket, which closes it. */
const openFile = promisify(open);

export class RequestPipes {
  readonly #pipes: readonly [Pipe, Pipe];
  readonly #watching: NodeJS.Timeout;
  readonly #asked: Socket;
  readonly #answers: Socket;
  /** Shells that may not have read their answer yet. */
  readonly #unread = new Map<number, NodeJS.Timeout>();
  /** Resolves when the pipes are closed, also without a call of `close`. */
  readonly closed: Promise<unknown>;

  private constructor(ask: Pipe, answer: Pipe) {
    this.#pipes = [ask, answer];
    this.#asked = new Socket({ fd: ask.fd, readable: true, writable: false });
    this.#answers = new Socket({ fd: answer.fd, readable: false, writable: true });
    for (const socket of [this.#asked, this.#answers]) socket.on('error', () => void this.close());
    this.closed = new Promise((resolve) => this.#asked.once('close', resolve));
    this.#watching = setInterval(() => void this.#watch(), WATCH_MS).unref();
  }

  /** @throws the system's error, or that of `mkfifo` */
  static async make(directory: string): Promise<RequestPipes> {
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, ALIVE), '');
    await stayAlive(directory);
    const ask = await openNewPipe(join(directory, 'ask'));
    // A shell opens this one first: once it is there, both are served.
    return new RequestPipes(ask, await openNewPipe(join(directory, 'answer')));
  }

  /** Whether a process answers here. */
  static async areServed(directory: string): Promise<boolean> {
    try {
      // The one that is made last. Fails where no process has it open.
      const fd = await openFile(
        join(directory, 'answer'),
        constants.O_WRONLY | constants.O_NONBLOCK,
      );
      new Socket({ fd, readable: false, writable: true }).destroy();
      return true;
    } catch {
      return false;
    }
  }

  /** Each request gets the answer that `serve` gives, unless it rejects because this process ends. */
  onRequest(serve: (request: PipeRequest) => Promise<PipeAnswer>): void {
    createInterface({ input: this.#asked }).on('line', (line) => {
      const { id, name, rest } =
        /^(?<id>[1-9]\d*)(?: (?<name>\S+) (?<rest>.+))?$/.exec(line)?.groups ?? {};
      const pid = Number(id);
      clearTimeout(this.#unread.get(pid));
      this.#unread.delete(pid);
      if (name === undefined || rest === undefined) return;
      void serve({ pid, name, rest }).then(
        (answer) => this.#answer(pid, answer),
        () => undefined,
      );
    });
  }

  #answer(pid: number, answer: PipeAnswer): void {
    if (this.#answers.destroyed) return;
    this.#answers.write(`${pid} ${answer}\n`);
    const timer = setTimeout(() => {
      this.#unread.delete(pid);
      if (isRunning(pid)) void this.close();
    }, READ_MS_MAX);
    this.#unread.set(pid, timer.unref());
  }

  /** A shell that waits reads the end at once. Never rejects. */
  async close(): Promise<void> {
    clearInterval(this.#watching);
    this.#asked.destroy();
    this.#answers.destroy();
    for (const { path, inode } of this.#pipes) {
      // The shells write `now` to compare it with `alive`.
      const names = [path, join(dirname(path), ALIVE), join(dirname(path), 'now')];
      if ((await inodeOf(path)) === inode) await Promise.all(names.map(remove));
    }
  }

  /**
   * Where another process has replaced the pipes, or the directory was removed, no new shell comes, and none may be left
   * waiting.
   */
  async #watch(): Promise<void> {
    for (const { path, inode } of this.#pipes)
      if ((await inodeOf(path)) !== inode) return this.close();
    await stayAlive(dirname(this.#pipes[0].path)).catch(() => undefined);
  }
}

const ALIVE = 'alive';

async function stayAlive(directory: string): Promise<void> {
  const until = new Date(Date.now() + ALIVE_MS);
  await utimes(join(directory, ALIVE), until, until);
}

interface Pipe {
  readonly path: string;
  readonly fd: number;
  readonly inode: bigint | undefined;
}

/**
 * Makes a pipe that replaces any earlier one. It is open before it has its name, so a shell that finds it never waits
 * for a process that has not opened it yet.
 */
async function openNewPipe(path: string): Promise<Pipe> {
  const temporary = temporaryNameFor(path);
  await promisify(execFile)('mkfifo', ['-m', '600', '--', temporary]);
  // Read and write, so that opening does not wait for the other end, and reading does not come to an end.
  const fd = await openFile(temporary, constants.O_RDWR | constants.O_NONBLOCK);
  const inode = await inodeOf(temporary);
  await rename(temporary, path);
  return { path, fd, inode };
}

const remove = (path: string): Promise<void> => rm(path, { force: true }).catch(() => undefined);

const inodeOf = async (path: string): Promise<bigint | undefined> =>
  (await lstat(path, { bigint: true }).catch(() => undefined))?.ino;

export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
