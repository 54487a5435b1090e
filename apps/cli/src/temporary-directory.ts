/** Temporary directories and environments, for commands with a configuration of their own. */
import { reasonOf, WalqError } from '@walq/wal-core/internal';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new directory that only this process uses, and that it removes. */
export async function newTemporaryDirectory(prefix: string): Promise<string> {
  const parent = tmpdir();
  return mkdtemp(join(parent, prefix)).catch((cause: unknown) => {
    throw new WalqError('state-io', {
      message: `unable to make a temporary directory in ${parent}: ${reasonOf(cause)}`,
      hint: 'Set TMPDIR to a directory that this user may write.',
      cause,
    });
  });
}

/**
 * Removes walq's variables from the environment of commands with a configuration of their own, which must not write to
 * the archive of the user. `undefined` removes a variable.
 */
export const withoutSettings = (
  isKept: (name: string) => boolean = () => false,
): Readonly<Record<string, undefined>> =>
  Object.fromEntries(
    Object.keys(process.env)
      .filter((name) => name.startsWith('WALQ_') && name.includes('__') && !isKept(name))
      .map((name) => [name, undefined]),
  );
