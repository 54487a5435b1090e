/** Lets segments be archived again that were set aside, and writes down who did. */
import { releaseFromQuarantine, type ListedRecord } from '../../archive/quarantine.ts';
import type { ArchiveStore } from '../../store/store.ts';
import type { RepairLog } from '../../archive/repairs.ts';

export interface RepairPlace {
  readonly store: ArchiveStore;
  /** The source's name. */
  readonly source: string;
  readonly log: RepairLog;
}

/** One that somebody else released meanwhile is no failure. */
export async function releaseSegment(
  { store, source, log }: RepairPlace,
  record: ListedRecord,
): Promise<void> {
  const { segment, code, message } = record;
  await log.around(
    { action: 'release', segment, why: `${message} (${code})` },
    () => releaseFromQuarantine(store, source, record),
    () => 'released from quarantine',
  );
}
