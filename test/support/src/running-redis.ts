import { mkdir, rm } from 'node:fs/promises';
import { eventually } from './eventually.ts';
import { ask, ping } from './ping.ts';
import { redisBinary } from './redis-binary.ts';
import type { RunningProcess } from './running-process.ts';
import { startProcess } from './start-process.ts';

/** A redis-server of a test, which can be stopped, killed, frozen and begun anew. */
export class RunningRedis {
  readonly port: number;
  readonly url: string;
  readonly #directory: string;
  readonly #args: readonly string[];
  #process: RunningProcess | undefined;

  constructor(directory: string, port: number, args: readonly string[]) {
    this.#directory = directory;
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.#args = args;
  }

  /** @throws when the server is not running */
  get pid(): number {
    return this.#running().pid;
  }

  /** Starts the server after `shutdown()` or `kill()`: same port, same directory. */
  async start(): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const started = await startProcess(await redisBinary(), this.#arguments());
    this.#process = started;
    await eventually(async () => {
      if (started.ended) return;
      await ping(this.port);
    });
    if (started.ended) throw new Error(`redis-server did not start:\n${started.stdout}`);
  }

  /** Ends the server in an orderly way and keeps its directory. */
  async shutdown(): Promise<void> {
    this.resume();
    await this.#process?.kill('SIGTERM');
  }

  /** Ends the server as a crash would, and keeps its directory. */
  async kill(): Promise<void> {
    await this.#process?.kill('SIGKILL');
  }

  /** The server goes on holding its connections, and answers nothing. */
  freeze(): void {
    this.#running().send('SIGSTOP');
  }

  /** Ends `freeze()`. */
  resume(): void {
    this.#process?.send('SIGCONT');
  }

  /** Changes a setting while it runs, as `CONFIG SET` does. */
  async configure(setting: string, value: string): Promise<void> {
    await this.command(`CONFIG SET ${setting} ${value}`);
  }

  /** Has it carry out a command that answers with OK. */
  async command(command: string): Promise<void> {
    const answer = await ask(this.port, command);
    if (!answer.startsWith('+OK')) throw new Error(`${command} got ${answer}`);
  }

  /** Takes away everything that is in it, while it goes on running. */
  async flushAll(): Promise<void> {
    await this.command('FLUSHALL');
  }

  /** Kills the server and starts it on the same port with nothing in it. */
  async restartEmpty(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Ends the server for good and removes its directory; again is no error. */
  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }

  #running(): RunningProcess {
    if (this.#process === undefined) throw new Error('this Redis has not been started');
    return this.#process;
  }

  #arguments(): string[] {
    const loopback = ['--bind', '127.0.0.1', '--port', String(this.port)];
    const own = ['--dir', this.#directory, '--save', '', '--appendonly', 'no'];
    return [...loopback, ...own, '--maxmemory-policy', 'noeviction', ...this.#args];
  }
}
