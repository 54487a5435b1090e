import {
  fromFailureRecord,
  toFailureRecord,
  type FailureRecord,
} from '../base/failure/walq-error.ts';
import { withCancelFlag } from '../codec/thread-signals.ts';
import type { Call, TaskInput, Work, WorkName } from './work.ts';

/**
 * Where segments are read, compressed and decoded: never on the main thread. Each call rejects with a
 * `WalqError`: `cancelled` when its signal aborted (a call that is under way stops between two chunks) or
 * after `close`, `thread-died` when its thread did; other calls are not touched by that.
 *
 * `checkDictionary` rejects with `dictionary-unusable` where zstd cannot use it. Where `decode` gives a
 * `dictionaryNeeded`, nothing was decoded: it is to be asked again with that dictionary.
 */
export type Threads = ThreadCalls & {
  /** How many calls run at once; more wait their turn. */
  readonly parallelism: number;
  /** How many calls run now. */
  readonly busy: number;
  /** Waits for the calls under way, for a while, then ends the threads; what they still did is cancelled. */
  close(): Promise<void>;
};

type ThreadCalls = {
  readonly [Name in WorkName]: (
    input: TaskInput<Name>,
    signal: AbortSignal,
  ) => ReturnType<Work[Name]>;
};

const names = Object.keys({
  compress: true,
  measureLevels: true,
  checkDictionary: true,
  checksum: true,
  decode: true,
} satisfies Record<WorkName, true>) as WorkName[];

/** A function for each kind of work, which hands its calls to `run`. */
export function callsThrough(run: (call: Call) => Promise<unknown>): ThreadCalls {
  const call = (name: WorkName) => (input: object, signal: AbortSignal) =>
    withCancelFlag(signal, (cancel) => run({ name, task: { ...input, cancel } }));
  return Object.fromEntries(names.map((name) => [name, call(name)])) as unknown as ThreadCalls;
}

/** What a thread answers: plain data, for errors lose their class on the way. */
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
