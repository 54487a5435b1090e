/** Tells a file that was written to after it was archived from one whose content is another. */
import { sameChecksum } from '../../codec/same-checksum.ts';
import { sameFingerprint } from '../../codec/fingerprint.ts';
import type { ArchivedObject } from '../../archive/decode-archived.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import type { PipelineContext } from '../context.ts';
import type { MeasuredSegment } from '../segment-states.ts';

/**
 * The failure, where the object holds exactly what the file begins with, and was archived from this very source;
 * else undefined. `decoded` is what came out of the object, not what it says of itself.
 */
export async function growthOf(
  { threads }: Pick<PipelineContext, 'threads'>,
  { source, path, sourceId, key, fingerprint, bytes }: MeasuredSegment,
  { manifest, decoded }: ArchivedObject,
  signal: AbortSignal,
): Promise<WalqError | undefined> {
  const isOwn =
    manifest.source === key.source &&
    manifest.segment === key.segment &&
    manifest.sourceId === sourceId;
  // PostgreSQL's files do not grow; of its partial ones the archive keeps each content.
  if (source.type === 'postgres' || !isOwn || decoded.bytes >= bytes) return undefined;
  const beginning = await threads.checksum({ sourcePath: path, bytesMax: decoded.bytes }, signal);
  const isBeginning =
    sameFingerprint(beginning.fingerprint, fingerprint) &&
    sameChecksum(beginning.sourceChecksum, decoded.sourceChecksum);
  if (!isBeginning) return undefined;
  return new WalqError('segment-grew', {
    message: `${path} was written after it was archived: it has ${bytes} bytes, and the archive holds the first ${decoded.bytes} (archived at ${manifest.archivedAt})`,
  });
}
