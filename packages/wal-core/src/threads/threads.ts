import type { Compressed, CompressTask } from '../codec/compress-segment.ts';
import type { ChecksumTask, Measured } from '../codec/checksum-source.ts';
import type { LevelTask, LevelTrials } from '../codec/try-levels.ts';
import type { DecodedObject, DecodeTask, DictionaryNeeded } from '../codec/decode-object.ts';
import type { Dictionary } from '../codec/dictionary.ts';

type Order<Task> = Omit<Task, 'cancel'>;

/**
 * Where segments are read, compressed and decoded: never on the main thread. Each call rejects with a
 * `WalqError`: `cancelled` when its signal aborted (a call that is under way stops between two chunks) or
 * after `close`, `thread-died` when its thread did; other calls are not touched by that.
 */
export interface Threads {
  /** How many calls run at once; more wait their turn. */
  readonly parallelism: number;
  /** How many calls run now. */
  readonly busy: number;
  compress(task: Order<CompressTask>, signal: AbortSignal): Promise<Compressed>;
  tryLevels(task: Order<LevelTask>, signal: AbortSignal): Promise<LevelTrials>;
  /** Rejects with `dictionary-unusable` where zstd cannot use it. */
  tryDictionary(dictionary: Dictionary): Promise<void>;
  checksum(task: Order<ChecksumTask>, signal: AbortSignal): Promise<Measured>;
  /** A `dictionaryNeeded` is to be asked again with that dictionary; nothing was decoded. */
  decode(task: Order<DecodeTask>, signal: AbortSignal): Promise<DecodedObject | DictionaryNeeded>;
  /** Waits for the calls under way, for a while, then ends the threads; what they still did is cancelled. */
  close(): Promise<void>;
}
