/** Entry of a pool's thread. It loads only what compressing and decoding need. */
import { workerData } from 'node:worker_threads';
import { blockingDisk } from '../base/disk/blocking-disk.ts';
import type { ChecksumTask } from '../codec/checksum-source.ts';
import type { CompressTask } from '../codec/compress-segment.ts';
import type { LevelTask } from '../codec/try-levels.ts';
import type { DecodeTask } from '../codec/decode-object.ts';
import { answer } from './answer.ts';
import { giveWay } from './give-way.ts';
import type { LaneSetting } from './lane.ts';
import { workOn, type DictionaryTask } from './work.ts';

giveWay((workerData as LaneSetting).nice);

const work = workOn(blockingDisk);

export const compress = (task: CompressTask) => answer(work.compress(task));
export const tryLevels = (task: LevelTask) => answer(work.tryLevels(task));
export const tryDictionary = (task: DictionaryTask) => answer(work.tryDictionary(task));
export const checksum = (task: ChecksumTask) => answer(work.checksum(task));
export const decode = (task: DecodeTask) => answer(work.decode(task));
