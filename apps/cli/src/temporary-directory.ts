/** For commands that bring a place and a configuration of their own. */
import { reasonOf, WalqError } from '@walq/wal-core/internal';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new directory that this process alone uses, and removes. */
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
 * Takes away what the environment says of a configuration, for commands that bring their own: an archive
 * that it names is not for what they write. `undefined` takes a variable away.
 */
export const withoutSettings = (
  isKept: (name: string) => boolean = () => false,
): Readonly<Record<string, undefined>> =>
  Object.fromEntries(
    Object.keys(process.env)
      .filter((name) => name.startsWith('WALQ_') && name.includes('__') && !isKept(name))
      .map((name) => [name, undefined]),
  );
