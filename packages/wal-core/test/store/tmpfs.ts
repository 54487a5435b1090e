import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';

const run = promisify(execFile);

/** A filesystem of its own at `path` until the test ends; false where this machine forbids mounting. */
export async function mountTmpfs(path: string, options: string): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  await mkdir(path, { recursive: true });
  try {
    await run('mount', ['-t', 'tmpfs', '-o', options, 'walq-test', path]);
  } catch {
    return false;
  }
  onTestFinished(async () => void (await run('umount', [path])));
  return true;
}

export const remount = (path: string, options: string) =>
  run('mount', ['-o', `remount,${options}`, path]);
