/** Failed system calls that mean something special to a store; the rest is `storeFailure`. */
import { errnoOf, reasonOf, storeFailure } from '../../base/failure/system-error.ts';
import { WalqError } from '../../base/failure/walq-error.ts';

/** Not the fsync itself failed, but the way to it: there the usual meaning of the error holds. */
const notFsync = ['ENOENT', 'ENOTDIR', 'EACCES', 'EMFILE', 'ENFILE', 'ENOMEM', 'ELOOP'];

export function fsyncFailure(path: string, error: unknown): WalqError {
  if (notFsync.includes(errnoOf(error) ?? '')) return storeFailure(`fsync '${path}'`, error);
  return new WalqError('store-fsync-failed', {
    message: `unable to fsync '${path}': ${reasonOf(error)}`,
    cause: error,
  });
}

/** What `link` says where a filesystem has no hard links, or only one to a file. */
const noHardLinks = ['EPERM', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS', 'EMLINK'];

export function linkFailure(path: string, error: unknown): WalqError {
  if (!noHardLinks.includes(errnoOf(error) ?? '')) return storeFailure(`link '${path}'`, error);
  return new WalqError('store-unsuitable', {
    message: `unable to link '${path}': its filesystem has no hard links (${reasonOf(error)})`,
    cause: error,
  });
}

/** The archive has lost something that no walq ever removes: it is not mounted, or was emptied. */
export function vanished(what: string, path: string): WalqError {
  return new WalqError('store-unavailable', {
    message: `unable to use the archive: ${what} '${path}' is gone, and was there before`,
    hint: 'Check that the archive is mounted.',
  });
}
