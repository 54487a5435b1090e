/** Reads objects from their first byte to their last, in parallel, and remembers what came of it. */
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

/** An object to check, and where its check is remembered. */
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
  /** In the order to check them in. */
  readonly queue: readonly QueuedObject[];
  readonly budget?: Budget;
  /** @default performance.now */
  readonly clock?: Clock;
  readonly signal: AbortSignal;
}

/**
 * Yields each that was checked; one that has gone meanwhile is left out. Rejects when an archive cannot be read,
 * and when the signal is aborted; what was checked before is in the memories then, and not saved.
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

/** How many of those that were found corrupt are looked at again before others. */
const FAULTY_FIRST_MAX = 16;

interface Known {
  readonly known: CheckRecord | undefined;
}

/**
 * The order of an incremental check: what was never checked, or has changed since, in the order given; then the
 * oldest check first. What was found corrupt is looked at again each time, behind the very first: so that a
 * budget which is too small for more still gets round.
 */
export function byCheckPriority<T extends Known>(objects: readonly T[]): T[] {
  const [first, ...others] = objects.toSorted((a, b) => ageOf(a) - ageOf(b));
  if (first === undefined) return [];
  const faulty = others.filter(({ known }) => known?.fault !== undefined);
  const early = new Set(faulty.slice(0, FAULTY_FIRST_MAX));
  return [first, ...early, ...others.filter((object) => !early.has(object))];
}

const ageOf = ({ known }: Known): number => known?.checkedAtMs ?? -1;

/** How much one run may check: the first bound that is reached ends it. */
interface Budget {
  /** Since the budget was made. @default no bound */
  readonly msMax?: number | undefined;
  /** Of objects, as they are stored. @default no bound */
  readonly bytesMax?: number | undefined;
}

/** Monotonic milliseconds. */
export type Clock = () => number;

/**
 * Gives one after another while the budget lasts. The first is always given, however large: what would never
 * fit would never be checked. Nothing is left out for being large.
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
