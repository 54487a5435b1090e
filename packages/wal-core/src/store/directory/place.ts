/** Where a directory store's things are, and what its process remembers of them. */
import { join } from 'node:path';
import type { Disk } from '../../base/disk/disk.ts';
import { fileNameOf, RECORDS_FOLDER, type ArchiveKey } from '../archive-key.ts';
import { refuseShardName, refuseSourceName } from '../archive-names.ts';
import { BoundedSet } from './bounded-set.ts';
import { DistrustedObjects } from './distrusted-objects.ts';
import { DurableDirectories } from './durable-directories.ts';

const KNOWN_SOURCES_MAX = 4096;

export interface Place {
  readonly disk: Disk;
  /** Absolute path of the archive. */
  readonly root: string;
  readonly durable: DurableDirectories;
  readonly distrusted: DistrustedObjects;
  /** Sources whose directory this process has seen. */
  readonly knownSources: BoundedSet;
  /** Whether this process has seen the archive's own directory. */
  readonly seen: { root: boolean };
}

export const placeAt = (root: string, disk: Disk): Place => ({
  disk,
  root,
  durable: new DurableDirectories(disk, root),
  distrusted: new DistrustedObjects(),
  knownSources: new BoundedSet(KNOWN_SOURCES_MAX),
  seen: { root: false },
});

export function sourceDirectory(place: Place, source: string): string {
  refuseSourceName(source);
  return join(place.root, source);
}

export function shardDirectory(place: Place, source: string, shard: string): string {
  refuseShardName(shard);
  return join(sourceDirectory(place, source), shard);
}

export const objectPath = (place: Place, key: ArchiveKey): string =>
  join(shardDirectory(place, key.source, key.shard), fileNameOf(key));

export const recordsDirectory = (place: Place, source: string): string =>
  join(sourceDirectory(place, source), RECORDS_FOLDER);
