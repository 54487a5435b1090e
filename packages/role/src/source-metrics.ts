/** Metrics of the disk and archive of each source, from the latest snapshot; a scrape never takes a new one. */
import {
  diskConditions,
  type Condition,
  type SourceFigures,
  type SourceObservation,
} from '@walq/wal-core/internal';
import type { Registry } from 'prom-client';
import type { SourceWatch } from './watch-sources.ts';
import { addComputedGauge } from './metrics.ts';

type Value = (figures: SourceFigures) => number | null | undefined;

const figures: readonly (readonly [name: string, help: string, value: Value])[] = [
  [
    'walq_backlog_segments',
    'Segments that are due: sealed, flushed and not yet archived, on the queue or not',
    (of) => of.dueSegments,
  ],
  ['walq_backlog_bytes', 'Bytes of the segments that are due', (of) => of.dueBytes],
  [
    'walq_oldest_due_segment_age_seconds',
    'Seconds since the oldest due segment was sealed; 0 while none is due',
    (of) => sinceThen(of.oldestDueAgeMs, of.takenAt),
  ],
  [
    'walq_unflushed_segments',
    'Segments that are sealed but not flushed, so that they are not archived',
    ({ unflushed }) => unflushed?.segments,
  ],
  [
    'walq_unflushed_bytes',
    'Bytes of the segments that are sealed but not flushed',
    ({ unflushed }) => unflushed?.bytes,
  ],
  [
    'walq_oldest_unflushed_segment_age_seconds',
    'Seconds since the oldest segment that is not flushed was sealed; 0 while there is none',
    ({ unflushed, takenAt }) => unflushed && sinceThen(unflushed.oldestAgeMs, takenAt),
  ],
  [
    'walq_watermark_age_seconds',
    'Seconds since the watermark was last written; absent where there is none',
    ({ unflushed, takenAt }) =>
      unflushed && unflushed.watermarkAgeMs !== null
        ? sinceThen(unflushed.watermarkAgeMs, takenAt)
        : undefined,
  ],
  [
    'walq_mismatched_segments',
    'Segments of a kept source whose archived object has different content',
    (of) => of.mismatchedSegments,
  ],
  [
    'walq_archiver_blocked_seconds',
    "Seconds for which PostgreSQL's archiver has been blocked by one file that walq refused; 0 if it is not",
    ({ archiverBlocked: blocked }) => (blocked === null ? 0 : sinceMoment(blocked.since)),
  ],
  [
    'walq_corrupt_objects',
    'Archived objects that the latest full read found corrupt',
    (of) => of.corruptObjects,
  ],
  ['walq_archived_segments', 'Segments in the archive', (of) => of.archivedSegments],
  [
    'walq_compression_ratio',
    'Uncompressed over stored bytes of the newest archived segments',
    (of) => of.recentRatio ?? undefined,
  ],
  [
    'walq_quarantined_segments',
    'Quarantined segments, which wait for an operator',
    (of) => of.quarantinedSegments,
  ],
  [
    'walq_lost_segments',
    'Quarantined segments that are neither at the source nor in the archive',
    (of) => of.lostSegments,
  ],
  ['walq_gaps', 'Gaps in the archive that nobody has acknowledged', (of) => of.openGaps],
];

const disks = [
  ['walq_disk_free_bytes', 'Bytes free on the disk of the source or of the archive', 'freeBytes'],
  [
    'walq_disk_size_bytes',
    'Size in bytes of the disk of the source or of the archive',
    'sizeBytes',
  ],
] as const;

/** Returns what is wrong with a source, as far as this role knows. */
export type ConditionsOf = (snapshot: SourceObservation) => readonly Condition[];

const byDiskAlone: ConditionsOf = ({ source, snapshot, failure, failingSince }) =>
  diskConditions({ source, figures: snapshot?.figures ?? null, failure, failingSince });

export function addSourceMetrics(
  registry: Registry,
  watch: Pick<SourceWatch, 'snapshots'>,
  conditionsOf: ConditionsOf = byDiskAlone,
): void {
  const each = (value: (snapshot: SourceObservation) => number | undefined) => () =>
    [...watch.snapshots()].map(([source, snapshot]) => [{ source }, value(snapshot)] as const);
  const add = (
    name: string,
    help: string,
    value: (snapshot: SourceObservation) => number | undefined,
  ) => addComputedGauge({ registry, name, help, labels: ['source'], values: each(value) });
  for (const [name, help, value] of figures) {
    add(name, help, ({ snapshot }) =>
      snapshot === null ? undefined : (value(snapshot.figures) ?? undefined),
    );
  }
  add('walq_source_available', '1 if the source can be read, else 0', isSourceThere);
  add('walq_store_available', '1 if the archive of the source can be used, else 0', isStoreThere);
  add(
    'walq_last_scan_timestamp_seconds',
    'When the disk and the archive were last scanned successfully, in seconds since 1970',
    ({ snapshot }) =>
      snapshot === null ? undefined : Date.parse(snapshot.figures.takenAt) / 1_000,
  );
  addComputedGauge({
    registry,
    name: 'walq_source_condition',
    help: '1 for each problem of a source, by kind and level',
    labels: ['source', 'condition', 'level'],
    values: () =>
      [...watch.snapshots()].flatMap(([source, snapshot]) =>
        conditionsOf(snapshot).map(
          ({ kind: condition, level }) => [{ source, condition, level }, 1] as const,
        ),
      ),
  });
  addDisks(registry, watch);
}

function addDisks(registry: Registry, watch: Pick<SourceWatch, 'snapshots'>): void {
  for (const [name, help, key] of disks) {
    addComputedGauge({
      registry,
      name,
      help,
      labels: ['source', 'place'],
      values: () =>
        [...watch.snapshots()].flatMap(([source, { snapshot }]) => [
          [{ source, place: 'source' }, snapshot?.figures.sourceSpace?.[key]] as const,
          [{ source, place: 'archive' }, snapshot?.figures.archiveSpace?.[key]] as const,
        ]),
    });
  }
}

/** The age in seconds now, calculated from the age at the time of the snapshot. */
function sinceThen(ageMs: number | null, takenAt: string): number {
  if (ageMs === null) return 0;
  return (ageMs + Math.max(0, Date.now() - Date.parse(takenAt))) / 1_000;
}

const sinceMoment = (at: string): number => Math.max(0, Date.now() - Date.parse(at)) / 1_000;

/** Undefined if the snapshot failed for a reason that says nothing about the source. */
const isSourceThere = ({ snapshot, failure }: SourceObservation): number | undefined => {
  if (failure === null) return snapshot === null ? undefined : 1;
  return failure.code.startsWith('store-') ? undefined : 0;
};

const isStoreThere = ({ snapshot, failure }: SourceObservation): number | undefined => {
  if (failure === null) return snapshot === null ? undefined : 1;
  return failure.code.startsWith('store-') ? 0 : undefined;
};
