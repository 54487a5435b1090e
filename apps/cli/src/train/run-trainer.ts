/** zstd's own trainer, as the `zstd` tool has it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { errnoOf, reasonOf, WalqError } from '@walq/wal-core/internal';
import { dyingWithOwner } from '../private-redis/dying-with-owner.ts';

const run = promisify(execFile);

export interface TrainerOptions {
  /** For the dictionary. */
  readonly directory: string;
  readonly signal: AbortSignal;
  /** The tool: a path or a name on the PATH. @default WALQ_ZSTD, or `zstd` */
  readonly tool?: string;
}

const toolOf = ({ tool }: TrainerOptions): string => tool ?? process.env['WALQ_ZSTD'] ?? 'zstd';

/** So that its absence is told before anything is read. @throws WalqError `trainer-missing` */
export async function requireTrainer(options: TrainerOptions): Promise<void> {
  await run(toolOf(options), ['--version'], { signal: options.signal }).catch(failedIn(options));
}

/** Gives the file of a dictionary of at most so many bytes. The same samples give the same dictionary. */
export async function runTrainer(
  options: TrainerOptions,
  files: readonly string[],
  bytesMax: number,
): Promise<string> {
  const made = join(options.directory, `dictionary-${bytesMax}`);
  const args = ['--train', '-q', '-f', `--maxdict=${bytesMax}`, '-o', made, '--', ...files];
  const { command, args: all } = await dyingWithOwner(toolOf(options), args);
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
        message: `unable to train: the zstd tool cannot be run (${toolOf(options)})`,
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
