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
