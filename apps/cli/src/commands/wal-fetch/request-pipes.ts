/**
 * The two named pipes through which a shell (apps/cli/bin/walq) asks the process that fetches ahead. A shell writes
 * `NONCE NAME DESTINATION` to `ask`, reads `NONCE yes` or `NONCE no` from `answer`, and then writes `NONCE` to `ask`.
 *
 * The process holds both open. When it ends, however it ends, a shell that waits reads the end of `answer`. PostgreSQL
 * runs one shell at a time. If a second one asks, each may read parts of the other's answer, so the process ends.
 * The process is expected to answer until the mtime of `alive`. A shell asks no later, because the process may be frozen.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { constants, open as openDescriptor } from 'node:fs';
import { open, readFile, rename, rm, utimes, writeFile, type FileHandle } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

export interface FetchRequest {
  readonly name: string;
  readonly destination: string;
  /** Whether a shell still reads the answer. */
  readonly isAwaited: () => Promise<boolean>;
}

const LINE = /^(?<nonce>\S+)(?: (?<name>\S+) (?<destination>.+))?$/;

const WATCH_MS = 500;
const ALIVE_MS = 2_000;

const READ_WRITE = constants.O_RDWR | constants.O_NONBLOCK;
const WRITE = constants.O_WRONLY | constants.O_NONBLOCK;

interface Opened {
  readonly directory: string;
  /** The content of `alive`. A process that replaces these pipes writes its own. */
  readonly id: string;
  readonly asked: Socket;
  readonly answer: FileHandle;
}

export class RequestPipes {
  readonly #opened: Opened;
  readonly #ended: AbortController;
  readonly #watching: NodeJS.Timeout;
  /** Of the request whose answer has not been read yet. */
  #nonce: string | undefined;
  #serving: Promise<unknown> | undefined;

  private constructor(opened: Opened, ended: AbortController) {
    this.#opened = opened;
    this.#ended = ended;
    opened.asked.on('error', () => ended.abort());
    this.#watching = setInterval(() => void this.#watch(), WATCH_MS).unref();
  }

  /** Aborts `ended` when no more shells can be answered. @throws the system's error, or that of `mkfifo` */
  static async make(directory: string, ended: AbortController): Promise<RequestPipes> {
    return new RequestPipes(await openPipes(directory), ended);
  }

  /** Whether a process answers here. */
  static areServed(directory: string): Promise<boolean> {
    return hasReader(join(directory, 'ask'));
  }

  /** The answer is whether the file is at its destination. Ends when `deliver` rejects, or the shell is dead. */
  onRequest(deliver: (request: FetchRequest) => Promise<boolean>): void {
    const { asked, answer } = this.#opened;
    createInterface({ input: asked }).on('line', (line) => {
      const { nonce = '', name = '', destination } = LINE.exec(line)?.groups ?? {};
      if (destination === undefined) return this.#wasRead(nonce);
      if (this.#nonce !== undefined) return this.#ended.abort();
      this.#nonce = nonce;
      const request = { name, destination, isAwaited: () => this.#isAwaited() };
      this.#serving = deliver(request)
        .then((isDelivered) => answer.write(`${nonce} ${isDelivered ? 'yes' : 'no'}\n`))
        .catch(() => this.#ended.abort());
    });
  }

  /** Ends the wait of a shell, but not before what is being delivered to it has its name. Never rejects. */
  async close(): Promise<void> {
    const { directory, asked, answer } = this.#opened;
    clearInterval(this.#watching);
    asked.destroy();
    await this.#serving;
    if (await this.#areOwn()) await Promise.all(['ask', 'answer', 'alive'].map(remove));
    await answer.close().catch(() => undefined);

    function remove(name: string): Promise<void> {
      return rm(join(directory, name), { force: true }).catch(() => undefined);
    }
  }

  #wasRead(nonce: string): void {
    if (nonce === this.#nonce) this.#nonce = undefined;
  }

  /** The kernel knows; a process id could be another process's by now. */
  async #isAwaited(): Promise<boolean> {
    const isOpen = await hasReader(`/proc/self/fd/${this.#opened.answer.fd}`);
    return isOpen && !this.#ended.signal.aborted;
  }

  async #watch(): Promise<void> {
    if (!(await this.#areOwn())) return this.#ended.abort();
    await stayAlive(this.#opened.directory).catch(() => undefined);
  }

  /** False once another process has made its pipes here, or the directory was removed. */
  async #areOwn(): Promise<boolean> {
    const { directory, id } = this.#opened;
    return (await readFile(join(directory, 'alive'), 'utf8').catch(() => '')) === id;
  }
}

/** Replaces earlier pipes. These are open before they have their names, so that no shell finds one without a reader. */
async function openPipes(directory: string): Promise<Opened> {
  const id = randomUUID();
  const [ask, answer] = ['ask', 'answer'].map((name) => join(directory, name)) as [string, string];
  const [newAsk, newAnswer] = [`${ask}.${id}`, `${answer}.${id}`] as const;
  await promisify(execFile)('mkfifo', ['-m', '600', '--', newAsk, newAnswer]);
  // Also for writing, so that reading does not come to an end.
  const fd = await promisify(openDescriptor)(newAsk, READ_WRITE);
  const asked = new Socket({ fd, readable: true, writable: false });
  const reader = await open(newAnswer, READ_WRITE);
  // For writing alone, so that only shells read it. Opening needs a reader.
  const answers = await open(newAnswer, WRITE);
  await reader.close();
  await writeFile(join(directory, 'alive'), id);
  await stayAlive(directory);
  await rename(newAsk, ask);
  await rename(newAnswer, answer);
  return { directory, id, asked, answer: answers };
}

async function stayAlive(directory: string): Promise<void> {
  const until = new Date(Date.now() + ALIVE_MS);
  await utimes(join(directory, 'alive'), until, until);
}

/** A pipe cannot be opened for writing alone, without waiting, while no process has it open for reading. */
async function hasReader(path: string): Promise<boolean> {
  const pipe = await open(path, WRITE).catch(() => undefined);
  try {
    return (await pipe?.stat())?.isFIFO() === true;
  } finally {
    await pipe?.close();
  }
}
