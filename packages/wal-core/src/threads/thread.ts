/** Entry of a pool's thread. It loads only what compressing and decoding need. */
import { blockingDisk } from '../disk/blocking-disk.ts';
import type { ChecksumTask } from '../compress/checksum-source.ts';
import type { CompressTask } from '../compress/compress-segment.ts';
import type { DecodeTask } from '../confirm/decode-object.ts';
import { answer } from './answer.ts';
import { workOn } from './work.ts';

const work = workOn(blockingDisk);

export const compress = (task: CompressTask) => answer(work.compress(task));
export const checksum = (task: ChecksumTask) => answer(work.checksum(task));
export const decode = (task: DecodeTask) => answer(work.decode(task));
