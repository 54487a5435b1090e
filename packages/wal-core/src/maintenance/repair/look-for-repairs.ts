/** What there is to repair of a source, by its archive alone. */
import { listCorruptObjects, type CorruptObject } from '../../reading/checks/corrupt-objects.ts';
import { adviceOn } from '../../base/failure/advice.ts';
import { listQuarantine, type ListedRecord } from '../../archive/quarantine.ts';
import type { ArchiveStore } from '../../store/store.ts';
import { isUnfinished, listRepairs, type Repair } from '../../archive/repairs.ts';

export interface RepairOutlook {
  /** Objects that a full read found corrupt, and that are there still. */
  readonly corrupt: readonly CorruptObject[];
  /** The longest set aside first. */
  readonly quarantined: readonly (ListedRecord & { readonly advice: string })[];
  /** Replacements under way, or whose process died. */
  readonly unfinished: readonly Repair[];
}

export async function lookForRepairs(store: ArchiveStore, source: string): Promise<RepairOutlook> {
  const records = await listQuarantine(store, source);
  const repairs = await listRepairs(store, source);
  return {
    corrupt: await listCorruptObjects(store, source),
    quarantined: records
      .toSorted((a, b) => (a.quarantinedAt < b.quarantinedAt ? -1 : 1))
      .map((record) => ({ ...record, advice: adviceOn(record.code, source, record.segment) })),
    unfinished: repairs.filter(isUnfinished),
  };
}
