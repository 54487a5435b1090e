/** Failures that mean something special at an archive in a directory; the rest is `storeFailure`. */
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

/** What is known of an archive's past: it was there before, it never was, or nothing. */
type ArchivePast = 'was-there' | 'never-there' | 'unknown';

/** The directory of an archive is not there. Only who knows its past can say whether it is new or not mounted. */
export class MissingArchive extends WalqError {
  /** Absolute path of the archive. */
  readonly root: string;

  constructor(root: string, past: ArchivePast) {
    super('store-unavailable', {
      message: `unable to use the archive: ${words[past](root)}`,
      hint: hints[past](root),
    });
    this.root = root;
  }
}

const words: Readonly<Record<ArchivePast, (root: string) => string>> = {
  'was-there': (root) => `its directory '${root}' is gone, and was there before`,
  'never-there': (root) => `its directory '${root}' does not exist yet`,
  unknown: (root) => `there is no directory '${root}'`,
};

const hints: Readonly<Record<ArchivePast, (root: string) => string>> = {
  'was-there': () => 'Mount the archive. walq makes no new one in its archive.',
  'never-there': (root) =>
    `Make it, as the user that archives: ${makeCommand(root)}. Or mount it, where it is on another disk.`,
  unknown: (root) =>
    `If the archive is new, make it, as the user that archives: ${makeCommand(root)}. If it was there before, mount it.`,
};

/** To be copied into a shell. */
const makeCommand = (root: string): string =>
  `mkdir -p ${/^[\w./-]+$/.test(root) ? root : `'${root.replaceAll("'", `'\\''`)}'`}`;
