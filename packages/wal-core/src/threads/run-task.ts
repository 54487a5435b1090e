/** The work that threads do, by name; what they answer is plain data, for errors lose their class on the way. */
import { checksumSource, type ChecksumTask } from '../compress/checksum-source.ts';
import { compressSegment, type CompressTask } from '../compress/compress-segment.ts';
import { decodeObject, type DecodeTask } from '../confirm/decode-object.ts';
import type { Disk } from '../disk/index.ts';
import { Workbench } from './workbench.ts';
import { fromFailureRecord, toFailureRecord, type FailureRecord } from '../failure/index.ts';

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

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: FailureRecord };

export async function answer<T>(work: Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await work };
  } catch (error) {
    return { ok: false, failure: toFailureRecord(error) };
  }
}

export function valueOf<T>(given: Answer<T>): T {
  if (given.ok) return given.value;
  throw fromFailureRecord(given.failure);
}
