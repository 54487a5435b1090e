/** The outcomes of segments that are no longer due, as recorded in the archive. */
import {
  archiveKeyOf,
  findQuarantined,
  isWalqError,
  quarantineFilter,
  readManifest,
  type OpenSource,
  type OpenView,
  type SegmentName,
  type SegmentReport,
} from '@walq/wal-core/internal';
import type { Announced } from '../queue/job-ends.ts';

/**
 * The reports of those segments that are no longer due, by name. Segments archived before `since` are `already-archived`.
 *
 * @param announced what jobs said about segments that they archived just now: their manifests need not be read
 */
export async function endedAmong(
  { view, open }: OpenView,
  segments: readonly SegmentName[],
  since: number,
  announced: ReadonlyMap<string, Announced>,
): Promise<ReadonlyMap<string, SegmentReport>> {
  const due = new Set((await view.dueAmong(segments)).map(({ name }) => name));
  const ended = segments.filter(({ name }) => !due.has(name));
  const archived = await withAnnouncedFacts(open, ended, announced);
  const others = ended.filter(({ name }) => !archived.has(name));
  const reports = [
    ...ended.flatMap(({ name }) => archived.get(name) ?? []),
    ...(others.length === 0 ? [] : await reportsOf(open, others, since)),
  ];
  return new Map(reports.map((report) => [report.segment, report]));
}

/** Of the segments that jobs archived, those with an object in the archive, and not quarantined. */
async function withAnnouncedFacts(
  { store, source }: OpenSource,
  segments: readonly SegmentName[],
  announced: ReadonlyMap<string, Announced>,
): Promise<ReadonlyMap<string, SegmentReport>> {
  const known = segments.flatMap((segment) => {
    const facts = announced.get(segment.name);
    return facts === undefined ? [] : [{ segment, facts }];
  });
  if (known.length === 0) return new Map();
  const [isQuarantined, ...reports] = await Promise.all([
    quarantineFilter(store, source.name),
    ...known.map(async ({ segment, facts }): Promise<SegmentReport | undefined> => {
      const stat = await store.stat(archiveKeyOf(source.name, segment)).catch(unreadable);
      if (stat === undefined) return undefined;
      return { segment: segment.name, ...facts, bytesOut: stat.sizeBytes, outcome: 'archived' };
    }),
  ]);
  const found = reports.filter((report) => report !== undefined);
  return new Map(
    found
      .filter(({ segment }) => !isQuarantined(segment))
      .map((report) => [report.segment, report]),
  );
}

/** As the archive records them. */
async function reportsOf(
  open: OpenSource,
  ended: readonly SegmentName[],
  since: number,
): Promise<readonly SegmentReport[]> {
  const isQuarantined = await quarantineFilter(open.store, open.source.name);
  const reports = await Promise.all(
    ended.map(
      async (segment) =>
        (isQuarantined(segment.name) && (await quarantineReport(open, segment))) ||
        archiveReport(open, segment, since),
    ),
  );
  // Files that are gone without a copy may mean that the engine started again.
  if (reports.some(({ outcome }) => outcome === 'failed')) await open.gate.sealedUpTo();
  return reports;
}

/** Undefined if the segment was released since. */
async function quarantineReport(
  { store, source }: OpenSource,
  segment: SegmentName,
): Promise<SegmentReport | undefined> {
  const record = await findQuarantined(store, source.name, segment.name);
  if (record === undefined) return undefined;
  return notArchived(segment, record.code === 'duplicate' ? 'duplicate' : 'quarantined');
}

async function archiveReport(
  { store, source }: OpenSource,
  segment: SegmentName,
  since: number,
): Promise<SegmentReport> {
  const key = archiveKeyOf(source.name, segment);
  const [manifest, stat] = await Promise.all([
    readManifest(store, key).catch(unreadable),
    store.stat(key),
  ]);
  if (manifest === undefined || stat === undefined) return notArchived(segment, 'failed');
  const archivedAt = Date.parse(manifest.archivedAt);
  return {
    segment: segment.name,
    bytesIn: manifest.bytes,
    bytesOut: stat.sizeBytes,
    durationMs: archivedAt - Date.parse(manifest.startedAt),
    outcome: archivedAt < since ? 'already-archived' : 'archived',
  };
}

/** An object whose manifest or state is unreadable does not count as archived. A store that is unavailable is read again. */
function unreadable(error: unknown): undefined {
  if (isWalqError(error) && error.class !== 'retryable') return undefined;
  throw error;
}

const notArchived = (segment: SegmentName, outcome: SegmentReport['outcome']): SegmentReport => ({
  segment: segment.name,
  bytesIn: 0,
  bytesOut: 0,
  durationMs: 0,
  outcome,
});
