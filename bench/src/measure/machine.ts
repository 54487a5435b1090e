/** What a figure means nothing without. */
import { execFile } from 'node:child_process';
import { open, readFile, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import zstd from 'zstd-napi/binding.js';

const run = promisify(execFile);

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
  /** zstd as walq has it. */
  readonly libzstd: string;
  /** The tool; null where it is not installed. */
  readonly zstdTool: string | null;
  readonly filesystem: string;
  readonly device: string;
  /** 4 KiB appended and fsynced, over and over. */
  readonly fsyncsPerSecond: number;
  /** Of the minute before the measurement began: what others do. */
  readonly loadBefore: number;
}

export async function describeMachine(directory: string, signal: AbortSignal): Promise<Machine> {
  const [loadBefore = 0] = loadavg();
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()}`,
    node: process.version,
    libzstd: zstd.versionString(),
    zstdTool: (await zstdToolVersion()) ?? null,
    ...(await mountOf(directory)),
    fsyncsPerSecond: await fsyncsPerSecond(directory, signal),
    loadBefore,
  };
}

/** Undefined where it is not installed. */
async function zstdToolVersion(): Promise<string | undefined> {
  const said = await run('zstd', ['--version']).catch(() => undefined);
  return said === undefined ? undefined : (/v(\d[\d.]*)/.exec(said.stdout)?.[1] ?? 'unknown');
}

/** By the longest mount point that the directory lies below. */
async function mountOf(directory: string): Promise<Pick<Machine, 'filesystem' | 'device'>> {
  const text = await readFile('/proc/self/mounts', 'utf8').catch(() => '');
  const mounts = text
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, point = '/']) => `${directory}/`.startsWith(point === '/' ? '/' : `${point}/`))
    .toSorted(([, a = ''], [, b = '']) => b.length - a.length);
  const [device = 'unknown', , filesystem = 'unknown'] = mounts[0] ?? [];
  return { filesystem, device };
}

const SAMPLE_MS = 500;
const page = Buffer.alloc(4096, 1);

/** How often a second the device under the directory makes 4 KiB at the end of a file durable. */
export async function fsyncsPerSecond(directory: string, signal: AbortSignal): Promise<number> {
  const path = join(directory, 'fsync-rate');
  const file = await open(path, 'wx');
  try {
    const startedMs = performance.now();
    let done = 0;
    while (performance.now() - startedMs < SAMPLE_MS) {
      signal.throwIfAborted();
      await file.write(page);
      await file.sync();
      done += 1;
    }
    return (done / (performance.now() - startedMs)) * 1000;
  } finally {
    await file.close();
    await rm(path);
  }
}
