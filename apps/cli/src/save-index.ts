import { reasonOf, type ManifestIndex } from '@walq/wal-core/internal';
import { note } from './terminal/print.ts';

/** A cache that cannot be written fails no command: the next one reads the manifests again. */
export async function saveIndex(index: ManifestIndex): Promise<void> {
  await index.save().catch((error: unknown) => {
    note(
      `walq: unable to save the cache of manifests, the next command reads them again: ${reasonOf(error)}`,
    );
  });
}
