/** What all measurements of one run share, and what ends with it. */
import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { startRedis, type BenchRedis } from '../redis.ts';
import type { ScaleOptions } from './options.ts';

export interface Site {
  readonly options: ScaleOptions;
  /** Aborted by Ctrl-C; every wait honours it. */
  readonly signal: AbortSignal;
  /** Gone when the run ends. */
  readonly root: string;
  /** Called with what is being measured; never on stdout. */
  say(what: string): void;
}

/** One measurement's own directory and its own, empty Redis. */
export interface Place {
  readonly root: string;
  readonly redis: BenchRedis;
}

export async function withSite<T>(
  options: ScaleOptions,
  signal: AbortSignal,
  work: (site: Site) => Promise<T>,
): Promise<T> {
  const root = await mkdtemp(join(options.directory, 'walq-scale-'));
  const say = (what: string): void => console.error(`measuring  ${what}`);
  try {
    return await work({ options, signal, root, say });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

export async function inPlace<T>(site: Site, work: (place: Place) => Promise<T>): Promise<T> {
  site.signal.throwIfAborted();
  const root = await mkdtemp(join(site.root, 'place-'));
  await mkdir(join(root, 'archive'));
  const redis = await startRedis({ port: await freePort(), detached: true });
  try {
    return await work({ root, redis });
  } finally {
    await redis.stop();
    await rm(root, { recursive: true, force: true });
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });

const FILES_BETWEEN_TURNS = 1_000;

export const nameOf = (number: number): string => `wal-${String(number).padStart(9, '0')}.bin`;

/** Makes a source of `count` small segments, and a newer one, because a source always keeps its newest. */
export async function makeSegments(
  directory: string,
  { count, bytes, signal }: { count: number; bytes: number; signal: AbortSignal },
): Promise<void> {
  await mkdir(directory);
  const content = Buffer.alloc(bytes, 'update orders set status = 3 where id = 4711; ');
  for (let number = 1; number <= count + 1; number += 1) {
    writeFileSync(join(directory, nameOf(number)), content);
    if (number % FILES_BETWEEN_TURNS > 0) continue;
    await new Promise(setImmediate);
    signal.throwIfAborted();
  }
}

/** The configuration of the roles, with a source of each name at `<root>/<name>`. */
export async function writeConfig(
  root: string,
  redisUrl: string,
  names: readonly string[],
): Promise<string> {
  const path = join(root, 'walq.toml');
  const sources = names.map((name) => [
    `[sources.${name}]`,
    'type = "directory"',
    `path = "${join(root, name)}"`,
    String.raw`pattern = '^wal-(?<number>\d+)\.bin$'`,
    'after_archive = "delete"',
  ]);
  const lines = [
    '[redis]',
    `url = "${redisUrl}"`,
    '[archive]',
    `url = "${join(root, 'archive')}"`,
    '[metrics]',
    'listen = "off"',
    ...sources.flat(),
  ];
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}

/** `used_memory` of a Redis, in bytes. */
export const redisMemory = (url: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.write('INFO memory\r\n'));
    let text = '';
    socket.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      const bytes = /^used_memory:(\d+)\r$/m.exec(text)?.[1];
      if (bytes === undefined) return;
      socket.destroy();
      resolve(Number(bytes));
    });
    socket.once('error', reject);
  });
