/** The work that threads do, by name. It brings the codec along, which the main thread never loads. */
import { checksumSource, type ChecksumTask } from '../compress/checksum-source.ts';
import { compressSegment, type CompressTask } from '../compress/compress-segment.ts';
import { decodeObject, type DecodeTask } from '../confirm/decode-object.ts';
import type { Disk } from '../disk/index.ts';
import { Workbench } from './workbench.ts';

export function workOn(disk: Disk) {
  const bench = new Workbench(disk);
  return {
    compress: (task: CompressTask) => compressSegment(bench, task),
    checksum: (task: ChecksumTask) => checksumSource(bench, task),
    decode: (task: DecodeTask) => decodeObject(bench, task),
  };
}

export type Work = ReturnType<typeof workOn>;
export type WorkName = keyof Work;
