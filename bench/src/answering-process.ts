/** A process that a measurement starts: it says when it is ready, and then answers each order, one after another. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Role } from './role.ts';

interface AnsweringProcessOptions {
  readonly entry: URL;
  readonly args: readonly string[];
  /** @default that of this process */
  readonly env?: NodeJS.ProcessEnv;
  /** Flags of Node. */
  readonly execArgv?: readonly string[];
  /** A session of its own: a Ctrl-C of the terminal reaches it through this process alone. */
  readonly detached: boolean;
  /** Kills it. */
  readonly signal?: AbortSignal;
}

export class AnsweringProcess<Order extends object | string, Answer> implements Role {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;
  /** For each order that is not answered, in order. */
  readonly #waiting: ((answer: Answer) => void)[] = [];

  static async start<Order extends object | string, Answer>(options: AnsweringProcessOptions) {
    const { entry, args, env, execArgv = [], detached, signal } = options;
    const child = fork(fileURLToPath(entry), args, {
      env,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [...execArgv],
      detached,
    });
    const started = new AnsweringProcess<Order, Answer>(child, signal);
    await Promise.race([once(child, 'message'), started.#ended]);
    child.on('message', (answer) => started.#waiting.shift()?.(answer as Answer));
    return started;
  }

  private constructor(child: ChildProcess, signal: AbortSignal | undefined) {
    this.pid = child.pid ?? 0;
    this.#child = child;
    const abort = () => child.kill('SIGKILL');
    signal?.addEventListener('abort', abort);
    // It never exits on its own.
    this.#ended = once(child, 'exit').then(() => {
      signal?.removeEventListener('abort', abort);
      signal?.throwIfAborted();
      throw new Error('a process of the measurement ended; its own message stands above');
    });
    this.#ended.catch(() => undefined);
  }

  ask(order: Order): Promise<Answer> {
    const answered = new Promise<Answer>((resolve) => {
      this.#waiting.push(resolve);
      this.#child.send(order);
    });
    return Promise.race([answered, this.#ended]);
  }

  async stop(how: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#child.kill(how);
    await this.#ended.catch(() => undefined);
  }
}
