import {
  fromFailureRecord,
  toFailureRecord,
  type FailureRecord,
} from '../base/failure/walq-error.ts';
import { withCancelFlag, type Stop } from '../codec/thread-signals.ts';
import type { Call, TaskInput, Work, WorkName } from './work.ts';

/**
 * Reads, compresses and decodes segments, never on the main thread. Each call rejects with a `WalqError`: `cancelled`
 * when its signal aborts (a call in flight stops between two chunks) or after `close`; `thread-died` when its thread
 * dies, which does not affect other calls.
 *
 * `checkDictionary` rejects with `dictionary-unusable` where zstd cannot use it. Where `decode` gives a
 * `dictionaryNeeded`, nothing was decoded: it is to be asked again with that dictionary.
 */
export type Threads = ThreadCalls & {
  /** How many calls run at the same time; further calls wait. */
  readonly parallelism: number;
  /** How many calls run now. */
  readonly busy: number;
  /** Waits a limited time for the calls in flight, then cancels them and terminates the threads. */
  close(): Promise<void>;
};

type ThreadCalls = {
  readonly [Name in WorkName]: (input: TaskInput<Name>, stop: Stop) => ReturnType<Work[Name]>;
};

const names = Object.keys({
  compress: true,
  measureLevels: true,
  checkDictionary: true,
  checksum: true,
  decode: true,
} satisfies Record<WorkName, true>) as WorkName[];

/** A function for each kind of work, which passes its calls to `run`. */
export function callsThrough(run: (call: Call) => Promise<unknown>): ThreadCalls {
  const call = (name: WorkName) => (input: object, stop: Stop) =>
    withCancelFlag(stop, (cancel) => run({ name, task: { ...input, cancel } }));
  return Object.fromEntries(names.map((name) => [name, call(name)])) as unknown as ThreadCalls;
}

/** The answer of a thread: plain data, because errors lose their class between threads. */
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
