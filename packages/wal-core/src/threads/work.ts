/**
 * The kinds of work for threads. This module imports the codec, which the main thread never loads. It must not import
 * anything heavy, because each thread loads it again.
 */
import type { CancelFlag } from '../codec/thread-signals.ts';
import { checksumSource, type ChecksumTask } from '../codec/read-source.ts';
import { compressSegment, type Compressed, type CompressTask } from '../codec/compress-segment.ts';
import { decodeObject, type DecodeTask } from '../codec/decode-object.ts';
import { checkDictionary, type DictionaryTask } from '../codec/dictionary.ts';
import { measureLevels, type LevelTask } from '../codec/measure-levels.ts';
import type { Disk } from '../base/disk/disk.ts';
import { Workbench } from '../codec/workbench.ts';

export function workOn(disk: Disk) {
  const bench = new Workbench(disk);
  return {
    compress: (task: CompressTask) => compressSegment(bench, task),
    measureLevels: (task: LevelTask) => measureLevels(bench, task),
    checkDictionary: (task: DictionaryTask) => checkDictionary(task),
    checksum: (task: ChecksumTask) => checksumSource(bench, task),
    decode: (task: DecodeTask) => decodeObject(bench, task),
  };
}

export type Work = ReturnType<typeof workOn>;
export type WorkName = keyof Work;

/** The input of a call; the pool adds the flag that cancels it. */
export type TaskInput<Name extends WorkName> = Omit<Parameters<Work[Name]>[0], 'cancel'>;

/** A call in the form that is sent to a thread. */
export interface Call {
  readonly name: WorkName;
  readonly task: { readonly cancel: CancelFlag };
}

/** A call that the entry module of a pool understands. */
export interface AnyCall {
  readonly name: string;
  readonly task: { readonly cancel: CancelFlag };
}

/** Runs one call and waits until what it wrote is durable, for an answer to another thread. */
export async function doDurableWork(work: Work, call: Call): Promise<unknown> {
  if (call.name !== 'compress') return doWork(work, call);
  const { durable, ...answer } = (await doWork(work, call)) as Compressed;
  await durable;
  return answer;
}

/** Runs one call. */
export const doWork = (work: Work, { name, task }: Call): Promise<unknown> =>
  (work[name] as (task: Call['task']) => Promise<unknown>)(task);
