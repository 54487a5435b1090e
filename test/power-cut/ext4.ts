/** An ext4 filesystem on a file, which loses its cache when its power is cut. */
import { execFile } from 'node:child_process';
import { mkdir, open, truncate } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SIZE_BYTES = 48 * 1024 * 1024;

/**
 * EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: from now on nothing reaches the medium, neither what
 * is in the page cache nor the journal's running transaction.
 */
const SHUTDOWN = `import fcntl, os, struct, sys
directory = os.open(sys.argv[1], os.O_RDONLY)
fcntl.ioctl(directory, 0x8004587d, struct.pack("I", 2))
`;

/** Only root mounts, and not in every container; elsewhere these tests are left out. */
export const mayCutPower = await canMount();

export class Ext4 {
  readonly path: string;
  readonly #image: string;

  private constructor(path: string) {
    this.path = path;
    this.#image = `${path}.image`;
  }

  /** Makes one and mounts it at a new directory. */
  static async mountedAt(path: string): Promise<Ext4> {
    const ext4 = new Ext4(path);
    await (await open(ext4.#image, 'wx')).close();
    await truncate(ext4.#image, SIZE_BYTES);
    await run('mkfs.ext4', ['-q', '-F', ext4.#image]);
    await mkdir(path);
    await ext4.#mount();
    return ext4;
  }

  /** Whatever is done here after this fails with EIO. */
  async shutDown(): Promise<void> {
    await run('python3', ['-c', SHUTDOWN, this.path]);
  }

  /** As the machine finds it when the power is back. */
  async startAgain(): Promise<void> {
    await run('umount', [this.path]);
    await this.#mount();
  }

  async unmount(): Promise<void> {
    await run('umount', [this.path]);
  }

  async #mount(): Promise<void> {
    await run('mount', ['-o', 'loop', this.#image, this.path]);
  }
}

async function canMount(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  return run('unshare', ['--mount', 'true']).then(
    () => true,
    () => false,
  );
}
