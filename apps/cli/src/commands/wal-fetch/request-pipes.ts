/**
 * The named pipes through which the shell fast path (apps/cli/bin/walq) asks the process that fetches ahead. `ask`
 * carries `PID NAME DESTINATION`, one line a request; `answer` carries `PID yes` once the file is at its destination,
 * or `PID no`.
 *
 * This process holds both open. When it ends, however it ends, a shell that waits reads the end of `answer`.
 */
import { execFile } from 'node:child_process';
import { constants, open } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

export interface FetchRequest {
  /** The shell that waits. */
  readonly pid: number;
  readonly name: string;
  readonly destination: string;
}

/** Opening a descriptor for a socket, which closes it. */
const openFile = promisify(open);

export class RequestPipes {
  readonly #paths: readonly string[];
  readonly #asked: Socket;
  readonly #answers: Socket;

  private constructor(directory: string, ask: number, answer: number) {
    this.#paths = pathsIn(directory);
    this.#asked = new Socket({ fd: ask, readable: true, writable: false });
    this.#answers = new Socket({ fd: answer, readable: false, writable: true });
  }

  /** @throws the system's error, or that of `mkfifo`. */
  static async make(directory: string): Promise<RequestPipes> {
    const [ask, answer] = pathsIn(directory);
    await removeAll([ask, answer]);
    await promisify(execFile)('mkfifo', ['-m', '600', '--', ask, answer]);
    // Read and write, so that neither waits for the other end, nor reads the end of one.
    const flags = constants.O_RDWR | constants.O_NONBLOCK;
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

  onRequest(serve: (request: FetchRequest) => void): void {
    createInterface({ input: this.#asked }).on('line', (line) => {
      const { pid, name, destination } =
        /^(?<pid>[1-9]\d*) (?<name>\S+) (?<destination>.+)$/.exec(line)?.groups ?? {};
      if (pid && name && destination) serve({ pid: Number(pid), name, destination });
    });
  }

  answer({ pid }: FetchRequest, isDelivered: boolean): void {
    this.#answers.write(`${pid} ${isDelivered ? 'yes' : 'no'}\n`);
  }

  async close(): Promise<void> {
    this.#asked.destroy();
    this.#answers.destroy();
    await removeAll(this.#paths);
  }
}

const pathsIn = (directory: string) => [join(directory, 'ask'), join(directory, 'answer')] as const;

async function removeAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { force: true });
}
