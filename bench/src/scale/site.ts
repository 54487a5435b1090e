/** What all measurements of one run share, and what ends with it. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { startRedis, type BenchRedis } from '../redis.ts';
import type { ScaleOptions } from './options.ts';

export interface Site {
  readonly options: ScaleOptions;
  /** Aborted by Ctrl-C; whoever waits looks at it. */
  readonly signal: AbortSignal;
  /** Gone when the run ends. */
  readonly root: string;
  /** Told what is being measured; never on stdout. */
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
