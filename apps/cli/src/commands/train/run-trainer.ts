/** Runs `zstd --train`, in a scratch directory. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { errnoOf, reasonOf, WalqError } from '@walq/wal-core/internal';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { endingWithParent } from '../../supervise/run-child.ts';
import { newTemporaryDirectory } from '../../temporary-directory.ts';

const run = promisify(execFile);

interface TrainerOptions {
  /** For the dictionary. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** A path, or a name on the PATH. */
const tool = (): string => process.env['WALQ_ZSTD'] ?? 'zstd';

/** Fails before any sample is read. @throws WalqError `trainer-missing` */
export async function requireTrainer(options: TrainerOptions): Promise<void> {
  await run(tool(), ['--version'], { signal: options.signal }).catch(failedIn(options));
}

/** Returns the file of a dictionary of at most `bytesMax` bytes. The same samples give the same dictionary. */
export async function runTrainer(
  options: TrainerOptions,
  files: readonly string[],
  bytesMax: number,
): Promise<string> {
  const made = join(options.directory, `dictionary-${bytesMax}`);
  const args = ['--train', '-q', '-f', `--maxdict=${bytesMax}`, '-o', made, '--', ...files];
  const { command, args: all } = await endingWithParent(tool(), args);
  await run(command, all, { signal: options.signal }).catch(failedIn(options));
  return made;
}

const failedIn =
  (options: TrainerOptions) =>
  (cause: unknown): never => {
    if (options.signal.aborted) {
      throw new WalqError('cancelled', { message: 'the training was cancelled', cause });
    }
    if (['ENOENT', 'EACCES'].includes(errnoOf(cause) ?? '')) {
      throw new WalqError('trainer-missing', {
        message: `unable to train: the zstd tool cannot be run (${tool()})`,
        cause,
      });
    }
    throw new WalqError('training-failed', {
      message: `unable to train: zstd says ${saidBy(cause)}`,
      cause,
    });
  };

function saidBy(cause: unknown): string {
  const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
  return said === '' ? reasonOf(cause) : JSON.stringify(said.split('\n').slice(0, 3).join('; '));
}

/** Its stdin closes when the parent dies; a session of its own shields it from Ctrl-C. */
const SWEEPER = 'cat > /dev/null; for try in 1 2 3 4 5; do rm -rf -- "$0" && exit; sleep 1; done';

/** Runs `work` in a directory that is removed afterwards, even if this process is killed. */
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
