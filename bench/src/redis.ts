/** A Redis of the measurement's own, on a port of loopback, gone when the measurement ends. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PORT = 16_599;
const START_TRIES_MAX = 100;

export interface BenchRedis {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

interface RedisOptions {
  /** Of loopback. @default 16599 */
  readonly port?: number;
  /** Out of reach of the terminal's Ctrl-C: for who stops it himself then. @default false */
  readonly detached?: boolean;
}

export async function startRedis(options: RedisOptions = {}): Promise<BenchRedis> {
  const { port = PORT, detached = false } = options;
  const directory = await mkdtemp(join(tmpdir(), 'walq-bench-redis-'));
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory];
  const server = spawn('redis-server', [...place, '--save', '', '--appendonly', 'yes'], {
    stdio: 'ignore',
    detached,
  });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  await untilListening(port);
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: server.pid ?? 0,
    stop: async () => {
      server.kill();
      await ended;
      await rm(directory, { recursive: true });
    },
  };
}

async function untilListening(port: number): Promise<void> {
  for (let tries = 0; tries < START_TRIES_MAX; tries += 1) {
    if (await isListening(port)) return;
    await sleep(50);
  }
  throw new Error(`no redis-server came up on port ${port}; is it on the PATH?`);
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (is: boolean) => () => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', end(true)).once('error', end(false));
  });
