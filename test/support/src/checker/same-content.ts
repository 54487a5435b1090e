import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Whether two files hold the same bytes, by the tool `cmp`. */
export async function sameContent(path: string, otherPath: string): Promise<boolean> {
  const cmp = spawn('cmp', ['-s', '--', path, otherPath], { stdio: 'ignore' });
  return (await exitCode(cmp)) === 0;
}

/**
 * Whether an object decodes to exactly the bytes of a file: `zstd -dc object | cmp - file`, with both
 * exit codes asked for.
 */
export async function decodesTo(objectPath: string, path: string): Promise<boolean> {
  const zstd = spawn('zstd', ['-dcq', '--', objectPath], { stdio: ['ignore', 'pipe', 'ignore'] });
  const cmp = spawn('cmp', ['-s', '--', '-', path], { stdio: [zstd.stdout, 'ignore', 'ignore'] });
  // The pipe is between the two now; held open here, zstd would never hear that cmp has ended.
  zstd.stdout.destroy();
  const codes = await Promise.all([exitCode(zstd), exitCode(cmp)]);
  return codes.every((code) => code === 0);
}

async function exitCode(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}
