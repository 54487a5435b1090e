import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { eventually } from '@walq/test-support';

const run = promisify(execFile);

/** Whether this user may mount; elsewhere such tests are left out. */
export const mayMount = await canMount();

/** A filesystem of its own, `sizeBytes` large, at an existing directory until the test ends. */
export async function mountSmall(path: string, sizeBytes: number): Promise<void> {
  await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'walq-test', path]);
  // What a server started outlives it by a moment.
  const unmount = async (): Promise<void> => void (await run('umount', [path]));
  onTestFinished(() => eventually(unmount), 180_000);
}

export const remount = async (path: string, options: string): Promise<void> =>
  void (await run('mount', ['-o', `remount,${options}`, path]));

async function canMount(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  return run('unshare', ['--mount', 'true']).then(
    () => true,
    () => false,
  );
}
