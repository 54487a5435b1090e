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

/** The reports of those segments that are no longer due, by name. Segments archived before `since` are `already-archived`. */
export async function endedAmong(
  { view, open }: OpenView,
  segments: readonly SegmentName[],
  since: number,
): Promise<ReadonlyMap<string, SegmentReport>> {
  const due = new Set((await view.dueAmong(segments)).map(({ name }) => name));
  const ended = segments.filter(({ name }) => !due.has(name));
  if (ended.length === 0) return new Map();
  const quarantined = quarantineFilter(open.store, open.source.name);
  const reports = await Promise.all(
    ended.map(async (segment) => {
      const [archived, isQuarantined] = await Promise.all([
        archiveReport(open, segment, since),
        quarantined,
      ]);
      return (isQuarantined(segment.name) && (await quarantineReport(open, segment))) || archived;
    }),
  );
  // Files that are gone without a copy may mean that the engine started again.
  if (reports.some(({ outcome }) => outcome === 'failed')) await open.gate.sealedUpTo();
  return new Map(reports.map((report) => [report.segment, report]));
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

/** An object without a readable manifest does not count as archived. A store that is unavailable is read again. */
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
