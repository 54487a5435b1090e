/**
 * Removes what walq has written down of single objects that are about to be removed: how a kept file compared with
 * its object, and that an object was found corrupt. It goes before the object, so that a prune that is interrupted
 * finds both the next time. Below the floor nobody asks for it.
 */
import { keptRecordsOf } from '../../pipeline/acknowledge/kept-file.ts';
import { corruptRecordsOf } from '../../reading/checks/corrupt-objects.ts';
import { mapInOrder } from '../../reading/map-in-order.ts';
import { nameAtSource } from '../../source/postgres/wal-file.ts';
import type { ArchivedFile } from '../retention/timelines.ts';
import { archiveKeyOf } from '../../store/archive-key.ts';
import { listInstanceIds, readArchiveOwner } from '../../store/archive-owner.ts';
import type { ArchiveStore } from '../../store/store.ts';

export interface ForgetOptions {
  readonly store: ArchiveStore;
  readonly source: string;
  readonly signal: AbortSignal;
}

const REMOVALS_AT_ONCE = 16;

export async function forgetRecordsOf(
  { store, source, signal }: ForgetOptions,
  doomed: readonly ArchivedFile[],
): Promise<void> {
  if (doomed.length === 0) return;
  const owner = await readArchiveOwner(store, source);
  const sourceIds = [
    ...(owner === undefined ? [] : [owner.sourceId]),
    ...(await listInstanceIds(store, source)),
  ];
  const segments = new Set(doomed.map(({ segment }) => nameAtSource(segment.name)));
  const keys = doomed.map(({ segment }) => archiveKeyOf(source, segment));
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
