/** Errors of single system calls, for roles that are started with its environment. */
import { execFile } from 'node:child_process';
import { rename, rm, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type Operation = 'read' | 'write' | 'fsync';

export class IoFaults {
  readonly #library: string;
  readonly #wish: string;

  private constructor(directory: string) {
    this.#library = join(directory, 'io-faults.so');
    this.#wish = join(directory, 'io-fault');
  }

  /** @param directory takes the library and what is to fail */
  static async at(directory: string): Promise<IoFaults> {
    const faults = new IoFaults(directory);
    const source = join(import.meta.dirname, 'io-faults.c');
    await run('cc', ['-shared', '-fPIC', '-O2', '-o', faults.#library, source, '-ldl']);
    return faults;
  }

  get env(): Readonly<Record<string, string>> {
    return { LD_PRELOAD: this.#library, WALQ_TEST_IO_FAULT: this.#wish };
  }

  /** From now on such calls on files below the directory fail. */
  async fail(operation: Operation, error: 'EIO' | 'ENOSPC', directory: string): Promise<void> {
    await this.#want(`${operation} ${constants.errno[error]} ${directory}`);
  }

  /** From now on such calls on files below the directory do not return, until they are healed. */
  async hang(operation: Operation, directory: string): Promise<void> {
    await this.#want(`${operation} -1 ${directory}`);
  }

  async #want(wish: string): Promise<void> {
    await writeFile(`${this.#wish}.next`, wish);
    await rename(`${this.#wish}.next`, this.#wish);
  }

  async heal(): Promise<void> {
    await rm(this.#wish, { force: true });
  }
}
