import { keyPath, type ArchiveKey } from '../store/archive-key.ts';
import type { Manifest, SourceChecksum } from '../codec/manifest.ts';

/** One line of `walq list`. */
export interface ArchivedSegment {
  readonly source: string;
  readonly segment: string;
  /** Length of the segment. */
  readonly bytes: number;
  /** Length of the object. */
  readonly objectBytes: number;
  readonly sourceChecksum: SourceChecksum;
  readonly archivedAt: string;
  /** Where the object is, relative to the archive's root. */
  readonly key: string;
}

export function toArchivedSegment(
  key: ArchiveKey,
  manifest: Manifest,
  objectBytes: number,
): ArchivedSegment {
  const { algorithm, value } = manifest.sourceChecksum;
  return {
    source: key.source,
    segment: key.segment,
    bytes: manifest.bytes,
    objectBytes,
    sourceChecksum: { algorithm, value },
    archivedAt: manifest.archivedAt,
    key: keyPath(key),
  };
}
