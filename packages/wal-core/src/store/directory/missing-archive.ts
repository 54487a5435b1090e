/** The directory of an archive is not there. Only who knows its past can say whether it is new or not mounted. */
import { WalqError } from '../../base/failure/walq-error.ts';

/** What is known of an archive's past: it was there before, it never was, or nothing. */
export type ArchivePast = 'was-there' | 'never-there' | 'unknown';

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
  'was-there': () => 'Mount the archive. walq makes no new one in its place.',
  'never-there': (root) =>
    `Make it, as the user that archives: ${makeCommand(root)}. Or mount it, where it is on another disk.`,
  unknown: (root) =>
    `If the archive is new, make it, as the user that archives: ${makeCommand(root)}. If it was there before, mount it.`,
};

/** To be copied into a shell. */
const makeCommand = (root: string): string =>
  `mkdir -p ${/^[\w./-]+$/.test(root) ? root : `'${root.replaceAll("'", `'\\''`)}'`}`;
