/** Failures with a special meaning for an archive in a directory; all others are `storeFailure`. */
import { errnoOf, reasonOf, storeFailure } from '../../base/failure/system-error.ts';
import { WalqError } from '../../base/failure/walq-error.ts';

/** With these the open before the fsync failed, and the error has its usual meaning. */
const notFsync = ['ENOENT', 'ENOTDIR', 'EACCES', 'EMFILE', 'ENFILE', 'ENOMEM', 'ELOOP'];

export function fsyncFailure(path: string, error: unknown): WalqError {
  if (notFsync.includes(errnoOf(error) ?? '')) return storeFailure(`fsync '${path}'`, error);
  return new WalqError('store-fsync-failed', {
    message: `unable to fsync '${path}': ${reasonOf(error)}`,
    cause: error,
  });
}

/** Errors of `link` on a filesystem without hard links, or with one link per file. */
const noHardLinks = ['EPERM', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS', 'EMLINK'];

export function linkFailure(path: string, error: unknown): WalqError {
  if (!noHardLinks.includes(errnoOf(error) ?? '')) return storeFailure(`link '${path}'`, error);
  return new WalqError('store-unsuitable', {
    message: `unable to link '${path}': its filesystem has no hard links (${reasonOf(error)})`,
    cause: error,
  });
}

/** The archive has lost something that walq never removes: it is not mounted, or was emptied. */
export function vanished(what: string, path: string): WalqError {
  return new WalqError('store-unavailable', {
    message: `unable to use the archive: ${what} '${path}' no longer exists`,
    hint: 'Check that the archive is mounted.',
  });
}

/** What is known of an archive's directory: it existed before, it never existed, or nothing. */
type ArchivePast = 'was-there' | 'never-there' | 'unknown';

/** The directory of an archive does not exist: the archive is new, or not mounted. */
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
  'was-there': (root) => `its directory '${root}' no longer exists`,
  'never-there': (root) => `its directory '${root}' does not exist yet`,
  unknown: (root) => `its directory '${root}' does not exist`,
};

const hints: Readonly<Record<ArchivePast, (root: string) => string>> = {
  'was-there': () => 'Mount the archive. walq does not create a new one in its place.',
  'never-there': (root) =>
    `Create it as the user that archives: ${makeCommand(root)}. If it is on another disk, mount that.`,
  unknown: (root) =>
    `If the archive is new, create it as the user that archives: ${makeCommand(root)}. If it existed before, mount it.`,
};

/** To be copied into a shell. */
const makeCommand = (root: string): string =>
  `mkdir -p ${/^[\w./-]+$/.test(root) ? root : `'${root.replaceAll("'", `'\\''`)}'`}`;
