/** Removes objects below a floor whose grace period is over: oldest first, a few at a time. */
import { asWalqError, type WalqError } from '../../base/failure/walq-error.ts';
import type { FailureCode } from '../../base/failure/catalogue.ts';
import { mapInOrder } from '../../reading/map-in-order.ts';
import type { ArchivedFile } from '../retention/plan.ts';
import { archiveKeyOf } from '../../store/archive-key.ts';
import type { ArchiveStore } from '../../store/store.ts';
import type { PruneStepListener } from './prune.ts';
import { keptRecordsOf } from '../../pipeline/kept-file.ts';
import { corruptRecordsOf } from '../../reading/checks/corrupt-objects.ts';
import { nameAtSource } from '../../source/postgres/wal-file.ts';
import { listInstanceIds, readArchiveOwner } from '../../store/archive-owner.ts';

interface RemoveOptions {
  readonly store: ArchiveStore;
  readonly source: string;
  readonly signal: AbortSignal;
  readonly onStep: PruneStepListener;
  /** Called for each file, whatever the outcome. */
  readonly onFile: (segment: string) => void;
}

export interface Removal {
  /** Removed by this call; a concurrent call may have removed others. */
  readonly removed: { readonly files: number; readonly bytes: number };
  /** Files that the store keeps, for example by an object lock. */
  readonly held: readonly string[];
  readonly failed: readonly FailedRemoval[];
}

export interface FailedRemoval {
  readonly segment: string;
  readonly code: FailureCode;
  readonly message: string;
}

const REMOVALS_AT_ONCE = 16;

type Outcome = 'removed' | 'absent' | 'held' | WalqError;

/** A file that cannot be removed does not stop the others; an unavailable store ends the call with its failure. */
export async function removeObjects(
  options: RemoveOptions,
  files: readonly ArchivedFile[],
): Promise<Removal> {
  const held: string[] = [];
  const failed: FailedRemoval[] = [];
  const removed = { files: 0, bytes: 0 };
  const remove = async (file: ArchivedFile) => [file, await removeOne(options, file)] as const;
  for await (const [{ segment, objectBytes }, outcome] of mapInOrder(
    files,
    REMOVALS_AT_ONCE,
    remove,
  )) {
    options.onFile(segment.name);
    if (outcome === 'held') held.push(segment.name);
    else if (outcome === 'removed') {
      removed.files += 1;
      removed.bytes += objectBytes;
    } else if (outcome !== 'absent') {
      failed.push({ segment: segment.name, code: outcome.code, message: outcome.message });
    }
  }
  return { removed, held, failed };
}

async function removeOne(
  { store, source, signal, onStep }: RemoveOptions,
  { segment }: ArchivedFile,
): Promise<Outcome> {
  signal.throwIfAborted();
  await onStep('remove', segment.name);
  try {
    const outcome = await store.remove(archiveKeyOf(source, segment));
    await onStep('removed', segment.name);
    return outcome;
  } catch (error) {
    const failure = asWalqError(error);
    if (failure.class !== 'permanent') throw error;
    return failure;
  }
}

// Removes walq's records about objects that are about to be removed: kept files and corrupt objects. Records go
// before their
// objects, so that an interrupted prune finds both the next time. Below the floor nothing reads them.

interface ForgetOptions {
  readonly store: ArchiveStore;
  readonly source: string;
  readonly signal: AbortSignal;
}

export async function forgetRecordsOf(
  { store, source, signal }: ForgetOptions,
  toDelete: readonly ArchivedFile[],
): Promise<void> {
  if (toDelete.length === 0) return;
  const owner = await readArchiveOwner(store, source);
  const sourceIds = [
    ...(owner === undefined ? [] : [owner.sourceId]),
    ...(await listInstanceIds(store, source)),
  ];
  const segments = new Set(toDelete.map(({ segment }) => nameAtSource(segment.name)));
  const keys = toDelete.map(({ segment }) => archiveKeyOf(source, segment));
  const records = [
    ...(await keptRecordsOf(store, source, sourceIds, [...segments])),
    ...(await corruptRecordsOf(store, source, keys)),
  ];
  const remove = async (record: string): Promise<void> => {
    signal.throwIfAborted();
    await store.records.remove(source, record);
  };
  const removals = mapInOrder(records, REMOVALS_AT_ONCE, remove);
  while ((await removals.next()).done !== true) continue;
}
