/** Which of a source's segments a dictionary is trained on: the newest, for it is to fit those to come. */
import { createDueView } from '../../reading/due/due-view.ts';
import type { Disk } from '../../base/disk/disk.ts';
import { keysInOrder } from '../../reading/in-order.ts';
import type { OpenSource } from '../../pipeline/open-source.ts';
import { segmentPath } from '../../source/source.ts';
import type { SegmentNaming } from '../../source/naming.ts';
import { archiveKeyOf, type ArchiveKey } from '../../store/archive-key.ts';
import type { ArchiveStore } from '../../store/store.ts';

export interface TrainingSource {
  readonly disk: Disk;
  readonly store: ArchiveStore;
  /** Name in the archive. */
  readonly source: string;
  readonly naming: SegmentNaming;
  /** Where its segments come from; undefined where only the archive is to be had. */
  readonly open: OpenSource | undefined;
}

export interface TrainingSegment {
  readonly key: ArchiveKey;
  /** Where it lies plain; undefined where only the archive has it. */
  readonly path: string | undefined;
}

export interface NewestSegments {
  /** At most as many as asked for, the oldest first. */
  readonly newest: readonly TrainingSegment[];
  /** How many the source and its archive hold. */
  readonly count: number;
}

/** Names only, of which it keeps as many as asked for, however large the archive. */
export async function newestSegments(
  training: TrainingSource,
  countMax: number,
): Promise<NewestSegments> {
  const archived = await newestArchived(training, countMax);
  const due = await dueSegments(training, countMax);
  return {
    newest: [...archived.newest, ...due.newest].slice(-countMax),
    count: archived.count + due.count,
  };
}

async function newestArchived(
  { store, source, naming }: TrainingSource,
  countMax: number,
): Promise<NewestSegments> {
  let newest: TrainingSegment[] = [];
  let count = 0;
  for await (const { key } of keysInOrder(store, source, naming)) {
    count += 1;
    newest.push({ key, path: undefined });
    if (newest.length >= 2 * countMax) newest = newest.slice(-countMax);
  }
  return { newest: newest.slice(-countMax), count };
}

/** Sealed and flushed, and not archived yet: what still may be written is no sample. */
async function dueSegments(
  { disk, open }: TrainingSource,
  countMax: number,
): Promise<NewestSegments> {
  if (open === undefined) return { newest: [], count: 0 };
  const { source } = open;
  const { due, dueCount } = await createDueView(disk, open).scan(countMax);
  const newest = due.map((segment) => ({
    key: archiveKeyOf(source.name, segment),
    path: segmentPath(source, segment.name),
  }));
  return { newest, count: dueCount };
}
