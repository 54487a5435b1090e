import { once } from 'node:events';
import { access, constants, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { startProcess, type RunningProcess } from './start-process.ts';
import { afterThisTest } from './this-test.ts';

/** A redis-server of a test, which can be stopped, killed, frozen and restarted. */
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

  /** The server keeps its connections open, and answers nothing. */
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

  /** Removes everything in it while it keeps running. */
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

interface RedisOptions {
  /** @default a free port of the loopback interface */
  readonly port?: number;
  /** Further arguments of redis-server, such as `['--appendonly', 'yes']`. @default none */
  readonly args?: readonly string[];
}

/**
 * Starts a real redis-server with a directory of its own, on 127.0.0.1, without
 * persistence and never evicting unless `args` say otherwise; resolves when it
 * answers PING. Within a test it is stopped when the test ends; after `beforeAll`
 * call `stop()` in `afterAll`.
 */
export async function startRedis(options: RedisOptions = {}): Promise<RunningRedis> {
  const directory = await mkdtemp(join(tmpdir(), 'redis-'));
  const port = options.port ?? (await freePort());
  const redis = new RunningRedis(directory, port, options.args ?? []);
  afterThisTest(() => redis.stop());
  await redis.start();
  return redis;
}

const projectRedis = join(import.meta.dirname, '../../../.cache/redis/bin/redis-server');

/**
 * The Redis that tests run: `redis-server` or `valkey-server` on the PATH, else
 * the one that the set-up placed under the project's cache folder.
 */
export async function redisBinary(): Promise<string> {
  for (const candidate of [...onPath('redis-server'), ...onPath('valkey-server'), projectRedis]) {
    if (await isExecutable(candidate)) return candidate;
  }
  throw new Error("no redis-server: run 'npm run setup', which gets one");
}

function onPath(name: string): string[] {
  const directories = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return directories.map((directory) => join(directory, name));
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Asks a Redis for PONG over a connection of its own. @throws when there is no such answer */
export async function ping(port: number): Promise<void> {
  const answer = await ask(port, 'PING');
  if (!answer.startsWith('+PONG')) throw new Error(`PING got ${answer}`);
}

/** The first piece of a Redis' answer to one command. @throws when there is none within a second */
export async function ask(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const signal = AbortSignal.timeout(1000);
  try {
    await once(socket, 'connect', { signal });
    socket.write(`${command}\r\n`);
    const [answer] = (await once(socket, 'data', { signal })) as [Buffer];
    return answer.toString();
  } finally {
    socket.destroy();
  }
}
