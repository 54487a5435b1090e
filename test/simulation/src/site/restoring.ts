/** A restore of one source, in a process of its own, into a directory that others may have begun. */
import { restoreRange, type ArchiveStore, type Disk } from '@walq/wal-core/internal';
import { lendThreads } from './reused-threads.ts';
import type { SourceTruth } from './truth.ts';

export const restoredPath = ({ source }: SourceTruth): string => `/restored/${source.name}`;

export async function restore(disk: Disk, store: ArchiveStore, truth: SourceTruth): Promise<void> {
  const { threads, returnThreads } = lendThreads(disk);
  const { signal } = new AbortController();
  const { name, naming } = truth.source;
  const destination = restoredPath(truth);
  // What cannot be restored just now, as from an archive that is not mounted, is somebody's to repeat.
  await restoreRange({ disk, store, threads, source: name, naming, destination, signal }).catch(
    () => undefined,
  );
  returnThreads();
}
