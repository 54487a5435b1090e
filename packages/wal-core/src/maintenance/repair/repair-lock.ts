/** One process at a time replaces objects from a source: the lock lies beside the source's own records. */
import type { Disk } from '../../base/disk/disk.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import { takeLock, type Lock } from '../../base/lock/take-lock.ts';
import { walqDirectory, type Source } from '../../source/source.ts';

/** Taken at first need, and kept until `release`. */
export class RepairLock {
  readonly #disk: Disk;
  readonly #source: Source;
  #taken: Promise<Lock> | undefined;

  constructor(disk: Disk, source: Source) {
    this.#disk = disk;
    this.#source = source;
  }

  /** Rejects with `repair-under-way` while another process holds it. */
  async take(): Promise<void> {
    this.#taken ??= takeLock(this.#disk, walqDirectory(this.#source), {
      prefix: 'repair',
      taken: (path) =>
        underWay(`another walq repair is at work on '${this.#source.name}' (${path})`),
      takenElsewhere: (path) =>
        new WalqError('repair-under-way', {
          message: `walq repair is at work on '${this.#source.name}' on another machine, or was when that went down (${path})`,
          hint: 'If no walq repair runs on that machine any more, remove the file and repeat.',
        }),
    });
    await this.#taken;
  }

  /** Never taken is no failure. */
  async release(): Promise<void> {
    const taken = await this.#taken?.catch(() => undefined);
    this.#taken = undefined;
    await taken?.release();
  }
}

export const underWay = (message: string): WalqError =>
  new WalqError('repair-under-way', { message });
