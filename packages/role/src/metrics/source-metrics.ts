/** What the disk and the archive of each source say, for Prometheus: from the latest look, never a new one. */
import type { SourceFigures } from '@walq/wal-core';
import type { Registry } from 'prom-client';
import type { Sighting, SourceWatch } from '../watch/index.ts';
import { askedGauge } from './asked-gauge.ts';

type Value = (figures: SourceFigures) => number | undefined;

const figures: readonly (readonly [name: string, help: string, value: Value])[] = [
  [
    'walq_backlog_segments',
    'Segments that are due: sealed, flushed and not archived yet, whether on the queue or not',
    (of) => of.dueSegments,
  ],
  ['walq_backlog_bytes', 'Bytes of the segments that are due', (of) => of.dueBytes],
  [
    'walq_oldest_due_segment_age_seconds',
    'Seconds since the oldest due segment was sealed; 0 while none is due',
    (of) => ageSeconds(of),
  ],
  ['walq_archived_segments', 'Segments in the archive', (of) => of.archivedSegments],
  [
    'walq_compression_ratio',
    'Plain over stored bytes of the newest archived segments',
    (of) => of.recentRatio ?? undefined,
  ],
  [
    'walq_quarantined_segments',
    'Segments that are set aside and wait for a person',
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

export function addSourceMetrics(registry: Registry, watch: Pick<SourceWatch, 'sightings'>): void {
  const each = (value: (sighting: Sighting) => number | undefined) => () =>
    [...watch.sightings()].map(([source, sighting]) => [{ source }, value(sighting)] as const);
  const add = (name: string, help: string, value: (sighting: Sighting) => number | undefined) =>
    askedGauge({ registry, name, help, labels: ['source'], values: each(value) });
  for (const [name, help, value] of figures) {
    add(name, help, ({ look }) => (look === null ? undefined : value(look.figures)));
  }
  add('walq_source_available', '1 when the source can be looked at, else 0', isSourceThere);
  add('walq_store_available', '1 when the archive of the source can be used, else 0', isStoreThere);
  add(
    'walq_last_look_timestamp_seconds',
    'When disk and archive were last looked at with success, in seconds since 1970',
    ({ look }) => (look === null ? undefined : Date.parse(look.figures.takenAt) / 1_000),
  );
  addDisks(registry, watch);
}

function addDisks(registry: Registry, watch: Pick<SourceWatch, 'sightings'>): void {
  for (const [name, help, key] of disks) {
    askedGauge({
      registry,
      name,
      help,
      labels: ['source', 'place'],
      values: () =>
        [...watch.sightings()].flatMap(([source, { look }]) => [
          [{ source, place: 'source' }, look?.figures.sourceSpace?.[key]] as const,
          [{ source, place: 'archive' }, look?.figures.archiveSpace?.[key]] as const,
        ]),
    });
  }
}

/** The age goes on growing between two looks. */
function ageSeconds({ oldestDueAgeMs, takenAt }: SourceFigures): number {
  if (oldestDueAgeMs === null) return 0;
  return (oldestDueAgeMs + Math.max(0, Date.now() - Date.parse(takenAt))) / 1_000;
}

/** Undefined where the look failed for a reason that tells nothing of it. */
const isSourceThere = ({ look, failure }: Sighting): number | undefined => {
  if (failure === null) return look === null ? undefined : 1;
  return failure.code.startsWith('store-') ? undefined : 0;
};

const isStoreThere = ({ look, failure }: Sighting): number | undefined => {
  if (failure === null) return look === null ? undefined : 1;
  return failure.code.startsWith('store-') ? 0 : undefined;
};
