/** What the stores of one archive in several threads of a process have in common. */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { ByteLimit } from '../../base/byte-limit.ts';

export interface SharedDirectory {
  /** Absolute path of the archive. */
  readonly root: string;
  readonly distrust: DistrustMemory;
  /** Limit of the write rate. */
  readonly limit?: ByteLimit | undefined;
}

export const shareDirectory = (directory: string, limit?: ByteLimit): SharedDirectory => ({
  root: resolve(directory),
  distrust: new BigInt64Array(new SharedArrayBuffer(NAMES_MAX * BigInt64Array.BYTES_PER_ELEMENT)),
  limit,
});

const NAMES_MAX = 1024;

/** A hash of each name, in the order in which they were added; 0 where there is none yet. */
export type DistrustMemory = BigInt64Array<SharedArrayBuffer>;

/**
 * The files and directories whose fsync failed once. The kernel may drop the pages and report success the next time, so
 * none of them is trusted again by any thread of this process: the list is in memory that they share.
 */
export class Distrust {
  readonly #hashes: DistrustMemory;

  constructor(memory: DistrustMemory) {
    this.#hashes = memory;
  }

  add(name: string): void {
    const hash = hashOf(name);
    for (let at = 0; at < NAMES_MAX; at += 1) {
      const before = Atomics.compareExchange(this.#hashes, at, 0n, hash);
      if (before === 0n || before === hash) return;
    }
  }

  /** Where too many have failed, nothing is trusted. */
  has(name: string): boolean {
    if (Atomics.load(this.#hashes, 0) === 0n) return false;
    const hash = hashOf(name);
    for (let at = 0; at < NAMES_MAX; at += 1) {
      const one = Atomics.load(this.#hashes, at);
      if (one === 0n) return false;
      if (one === hash) return true;
    }
    return true;
  }
}

/** Never 0. Two names with one hash only cause distrust. */
const hashOf = (name: string): bigint =>
  createHash('sha256').update(name).digest().readBigInt64LE() | 1n;
