/** Reads objects in full, in parallel, and records the result. */
import { decodeArchived } from '../../archive/decode-archived.ts';
import { isWalqError } from '../../base/failure/walq-error.ts';
import { mapInOrder } from '../map-in-order.ts';
import {
  assertSameShard,
  toFault,
  type CheckFault,
  type CheckRecord,
  type FoundObject,
} from './check-record.ts';
import { assertMatchesKey } from '../../store/stored-object.ts';
import type { ArchiveStore } from '../../store/store.ts';
import type { Threads } from '../../threads/threads.ts';
import type { CheckHistory } from './check-history.ts';

/** An object to check, and the history that records the check. */
export interface QueuedObject extends FoundObject {
  readonly store: ArchiveStore;
  readonly checkHistory: CheckHistory;
  readonly known: CheckRecord | undefined;
}

export interface CheckedObject {
  readonly object: QueuedObject;
  readonly fault?: CheckFault;
}

export interface CheckOptions {
  readonly threads: Threads;
  /** In the order of checking. */
  readonly queue: readonly QueuedObject[];
  readonly budget?: Budget;
  /** @default performance.now */
  readonly clock?: Clock;
  readonly signal: AbortSignal;
}

/**
 * Yields each object that was checked; an object that was removed in the meantime is left out. Rejects when an
 * archive cannot
 * be read and when the signal is aborted; the histories then hold what was checked before, unsaved.
 */
export async function* checkObjects(options: CheckOptions): AsyncGenerator<CheckedObject> {
  const { threads, queue, budget = {}, clock = () => performance.now() } = options;
  const objects = withinBudget(queue, budget, clock);
  const check = (object: QueuedObject) => checkObject(options, object);
  for await (const checked of mapInOrder(objects, threads.parallelism, check)) {
    if (checked !== undefined) yield checked;
  }
}

async function checkObject(
  { threads, signal }: CheckOptions,
  object: QueuedObject,
): Promise<CheckedObject | undefined> {
  signal.throwIfAborted();
  const fault = await readWhole(threads, object, signal).catch(faultOf);
  if (fault === 'gone') return undefined;
  const found = fault === undefined ? {} : { fault };
  object.checkHistory.add(object, { checkedAtMs: Date.now(), ...found });
  return { object, ...found };
}

async function readWhole(
  threads: Threads,
  { store, key, name }: QueuedObject,
  signal: AbortSignal,
): Promise<'gone' | undefined> {
  assertSameShard(key, name);
  const object = await decodeArchived({ store, threads, key, signal });
  if (object === undefined) return 'gone';
  assertMatchesKey(object.manifest, key);
}

const faultOf = (error: unknown): 'gone' | CheckFault =>
  isWalqError(error, 'object-missing') ? 'gone' : toFault(error);

/** How many of the objects that were found corrupt are checked again before others. */
const FAULTY_FIRST_MAX = 16;

interface Known {
  readonly known: CheckRecord | undefined;
}

/**
 * The order of an incremental check: objects that were never checked or have changed, in the given order; then the
 * oldest
 * check first. Objects that were found corrupt are checked again each time, after the very first object, so that even
 * the
 * smallest budget makes progress through the archive.
 */
export function byCheckPriority<T extends Known>(objects: readonly T[]): T[] {
  const [first, ...others] = objects.toSorted((a, b) => ageOf(a) - ageOf(b));
  if (first === undefined) return [];
  const faulty = others.filter(({ known }) => known?.fault !== undefined);
  const early = new Set(faulty.slice(0, FAULTY_FIRST_MAX));
  return [first, ...early, ...others.filter((object) => !early.has(object))];
}

const ageOf = ({ known }: Known): number => known?.checkedAtMs ?? -1;

/** How much one run may check. The first bound that is reached ends it. */
interface Budget {
  /** Milliseconds since the start. @default no bound */
  readonly msMax?: number | undefined;
  /** Stored bytes. @default no bound */
  readonly bytesMax?: number | undefined;
}

/** Monotonic milliseconds. */
export type Clock = () => number;

/**
 * Yields items while the budget lasts. The first is always yielded, whatever its size, because an object that never
 * fits
 * would never be checked. No object is skipped for its size.
 */
export function* withinBudget<T extends { readonly objectBytes: number }>(
  queue: Iterable<T>,
  { msMax = Infinity, bytesMax = Infinity }: Budget,
  clock: Clock,
): Generator<T> {
  const startedMs = clock();
  let bytes = 0;
  let isFirst = true;
  for (const one of queue) {
    const fits = bytes + one.objectBytes <= bytesMax && clock() - startedMs < msMax;
    if (!fits && !isFirst) return;
    isFirst = false;
    bytes += one.objectBytes;
    yield one;
  }
}
