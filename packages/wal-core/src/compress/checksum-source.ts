/** The checksum of a source whose object is there already; runs in a thread of the pool. */
import type { Disk } from '../disk/index.ts';
import type { SourceChecksum } from '../store/manifest.ts';
import type { CancelFlag } from '../threads/cancel-flag.ts';
import { RunningChecksum } from './checksum.ts';
import type { Fingerprint } from './fingerprint.ts';
import { readSource } from './read-source.ts';

export interface ChecksumTask {
  readonly sourcePath: string;
  readonly cancel: CancelFlag;
}

export interface Measured {
  readonly fingerprint: Fingerprint;
  readonly bytes: number;
  readonly sourceChecksum: SourceChecksum;
}

const CHUNK_BYTES = 256 * 1024;
const chunk = new Uint8Array(CHUNK_BYTES);

export async function checksumSource(disk: Disk, task: ChecksumTask): Promise<Measured> {
  const checksum = new RunningChecksum();
  const fingerprint = await readSource(disk, {
    path: task.sourcePath,
    buffer: chunk,
    cancel: task.cancel,
    onChunk: (plain) => checksum.update(plain),
  });
  return { fingerprint, bytes: Number(fingerprint.size), sourceChecksum: checksum.finish() };
}
