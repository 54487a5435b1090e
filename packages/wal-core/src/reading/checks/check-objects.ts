/** Reads objects from their first byte to their last, in parallel, and remembers what came of it. */
import { decodeArchived } from '../../archive/decode-archived.ts';
import { isWalqError } from '../../base/failure/walq-error.ts';
import { mapInOrder } from '../map-in-order.ts';
import { refuseOtherShard, toFault } from '../fault.ts';
import { assertNamesKey } from '../../store/stored-object.ts';
import type { ArchiveStore } from '../../store/store.ts';
import type { Threads } from '../../threads/threads.ts';
import { withinBudget, type Budget, type Clock } from './budget.ts';
import type { CheckMemory } from './check-memory.ts';
import type { CheckFault, CheckRecord, FoundObject } from './check-record.ts';

/** An object to check, and where its check is remembered. */
export interface QueuedObject extends FoundObject {
  readonly store: ArchiveStore;
  readonly memory: CheckMemory;
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
  object.memory.add(object, { checkedAtMs: Date.now(), ...found });
  return { object, ...found };
}

async function readWhole(
  threads: Threads,
  { store, key, name }: QueuedObject,
  signal: AbortSignal,
): Promise<'gone' | undefined> {
  refuseOtherShard(key, name);
  const object = await decodeArchived({ store, threads, key, signal });
  if (object === undefined) return 'gone';
  assertNamesKey(object.manifest, key);
}

const faultOf = (error: unknown): 'gone' | CheckFault =>
  isWalqError(error, 'object-missing') ? 'gone' : toFault(error);
