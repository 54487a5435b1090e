/**
 * After a failed fsync the kernel may drop the pages and report success the next time. An object
 * whose fsync failed once is therefore never believed again by this process.
 */
import type { FileState } from '../../base/disk/disk.ts';
import { WalqError } from '../../base/failure/walq-error.ts';

const OBJECTS_MAX = 1024;

export class DistrustedObjects {
  readonly #files = new Set<string>();

  /** A file, not a name: a repaired object under the same name is another one. */
  add(state: FileState): void {
    if (this.#files.size < OBJECTS_MAX) this.#files.add(nameOf(state));
  }

  /** Refuses a distrusted object; when too many are to be remembered, every one. */
  refuse(path: string, state: FileState): void {
    if (!this.#files.has(nameOf(state)) && this.#files.size < OBJECTS_MAX) return;
    throw new WalqError('store-fsync-failed', {
      message: `unable to trust '${path}': its device has failed to make it durable before`,
      hint: 'Check the medium, then restart this process; a damaged object is found by walq verify --deep.',
    });
  }
}

const nameOf = (state: FileState): string => `${state.device}:${state.inode}`;
