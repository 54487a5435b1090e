/** A directory that is gone when the work ends, however it ends, and also when this process is killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { newTemporaryDirectory } from '../temporary-directory.ts';

/** Its stdin ends with whoever holds the other end; its own session keeps it from hearing Ctrl-C. */
const SWEEPER = 'cat > /dev/null; for try in 1 2 3 4 5; do rm -rf -- "$0" && exit; sleep 1; done';

export async function withScratch<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await newTemporaryDirectory('walq-train-');
  let sweeper: ChildProcess | undefined;
  try {
    sweeper = await startSweeper(directory);
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
    await end(sweeper);
  }
}

async function startSweeper(directory: string): Promise<ChildProcess> {
  const sweeper = spawn('/bin/sh', ['-c', SWEEPER, directory], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await once(sweeper, 'spawn');
  return sweeper;
}

async function end(sweeper: ChildProcess | undefined): Promise<void> {
  if (sweeper === undefined || sweeper.exitCode !== null) return;
  const exited = once(sweeper, 'exit');
  sweeper.stdin?.end();
  await exited;
}
