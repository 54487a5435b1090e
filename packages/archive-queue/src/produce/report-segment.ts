import {
  archiveKeyOf,
  findQuarantined,
  isWalqError,
  listQuarantine,
  readManifest,
  type OpenSource,
  type SegmentName,
  type SegmentReport,
} from '@walq/wal-core/internal';

/** What became of a segment that is no longer due, as the archive tells it. */
export async function reportSegment(
  { store, source }: OpenSource,
  segment: SegmentName,
  producerStartedAt: number,
): Promise<SegmentReport> {
  if ((await findQuarantined(store, source.name, segment.name)) !== undefined) {
    const records = await listQuarantine(store, source.name);
    const code = records.find((record) => record.segment === segment.name)?.code;
    return notArchived(segment, code === 'duplicate' ? 'duplicate' : 'quarantined');
  }
  const key = archiveKeyOf(source.name, segment);
  const [manifest, stat] = [
    await readManifest(store, key).catch(unreadable),
    await store.stat(key),
  ];
  if (manifest === undefined || stat === undefined) return notArchived(segment, 'failed');
  const archivedAt = Date.parse(manifest.archivedAt);
  return {
    segment: segment.name,
    bytesIn: manifest.bytes,
    bytesOut: stat.sizeBytes,
    durationMs: archivedAt - Date.parse(manifest.startedAt),
    outcome: archivedAt < producerStartedAt ? 'already-archived' : 'archived',
  };
}

/** An object without a readable manifest is no success; what the store cannot tell now is no answer. */
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
