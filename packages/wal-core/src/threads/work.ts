/** The work that threads do, by name. It brings the codec along, which the main thread never loads. */
import { checksumSource, type ChecksumTask } from '../codec/checksum-source.ts';
import { compressSegment, type CompressTask } from '../codec/compress-segment.ts';
import { tryDictionary } from '../codec/try-dictionary.ts';
import { tryLevels, type LevelTask } from '../codec/try-levels.ts';
import { decodeObject, type DecodeTask } from '../codec/decode-object.ts';
import type { Dictionary } from '../codec/dictionary.ts';
import type { Disk } from '../base/disk/disk.ts';
import type { CancelFlag } from '../codec/cancel-flag.ts';
import { Workbench } from '../codec/workbench.ts';

export interface DictionaryTask {
  readonly dictionary: Dictionary;
  readonly cancel: CancelFlag;
}

export function workOn(disk: Disk) {
  const bench = new Workbench(disk);
  return {
    compress: (task: CompressTask) => compressSegment(bench, task),
    tryDictionary: (task: DictionaryTask) => tryDictionary(task.dictionary),
    tryLevels: (task: LevelTask) => tryLevels(bench, task),
    checksum: (task: ChecksumTask) => checksumSource(bench, task),
    decode: (task: DecodeTask) => decodeObject(bench, task),
  };
}

export type Work = ReturnType<typeof workOn>;
export type WorkName = keyof Work;
