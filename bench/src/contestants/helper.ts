/** A process of a contestant's own: it says when it is ready, and then answers each order, one after another. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { environmentOf } from './contestant.ts';

interface HelperOptions {
  /** The file of this folder that it runs. */
  readonly entry: string;
  readonly args: readonly string[];
  readonly signal: AbortSignal;
  /** A session of its own: Linux gives each the same share of a busy machine. A contestant has one. */
  readonly detached: boolean;
}

export class Helper<Order extends object, Answer> {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;
  readonly #stopListening: () => void;
  /** For each order that is not answered, in order. */
  readonly #waiting: ((answer: Answer) => void)[] = [];

  static async start<Order extends object, Answer>({
    entry,
    args,
    signal,
    detached,
  }: HelperOptions) {
    const child = fork(fileURLToPath(new URL(entry, import.meta.url)), args, {
      env: environmentOf({}),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [],
      detached,
    });
    const helper = new Helper<Order, Answer>(child, signal);
    await Promise.race([once(child, 'message'), helper.#ended]);
    child.on('message', (answer) => helper.#waiting.shift()?.(answer as Answer));
    return helper;
  }

  private constructor(child: ChildProcess, signal: AbortSignal) {
    const abort = () => child.kill('SIGKILL');
    signal.addEventListener('abort', abort);
    this.#child = child;
    this.#stopListening = () => signal.removeEventListener('abort', abort);
    // It never exits on its own.
    this.#ended = once(child, 'exit').then(() => {
      signal.throwIfAborted();
      throw new Error('a process of a contestant ended; its own message stands above');
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

  async close(): Promise<void> {
    this.#stopListening();
    this.#child.kill('SIGKILL');
    await this.#ended.catch(() => undefined);
  }
}
