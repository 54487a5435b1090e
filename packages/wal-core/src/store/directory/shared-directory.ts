import { resolve } from 'node:path';
import type { ByteLimit } from '../../base/byte-limit.ts';
import { newDistrustMemory, type DistrustMemory } from './distrust.ts';

/** What the stores of one archive in several threads of a process have in common. */
export interface SharedDirectory {
  /** Absolute path of the archive. */
  readonly root: string;
  readonly distrust: DistrustMemory;
  /** Limit of the write rate. */
  readonly limit?: ByteLimit | undefined;
}

export const shareDirectory = (directory: string, limit?: ByteLimit): SharedDirectory => ({
  root: resolve(directory),
  distrust: newDistrustMemory(),
  limit,
});
