/**
 * Whether an object is the one that its key asks for. A sound object under the key of another segment is restored
 * by nobody: so nothing that acts on an object may take it for the segment either, least of all who deletes a source.
 */
import { WalqError } from '../base/failure/walq-error.ts';
import { keyPath, type ArchiveKey } from './archive-key.ts';
import type { Manifest } from '../codec/manifest.ts';

type Named = Pick<Manifest, 'source' | 'segment'>;

export const namesKey = (manifest: Named, key: ArchiveKey): boolean =>
  manifest.segment === key.segment && manifest.source === key.source;

/** @throws WalqError `object-corrupt` */
export function assertNamesKey(manifest: Named, key: ArchiveKey): void {
  if (namesKey(manifest, key)) return;
  throw new WalqError('object-corrupt', {
    message: `${keyPath(key)} says that it is segment ${manifest.segment} of source '${manifest.source}'`,
  });
}
