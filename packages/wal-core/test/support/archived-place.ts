/** A PostgreSQL source of which some segments are archived, to be fetched. */
import { join } from 'node:path';
import {
  archiveKeyOf,
  keyPath,
  nodeDisk,
  postgresNaming,
  type ArchiveStore,
  type FetchOptions,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { newPostgresPlace, type PostgresPlace } from './postgres-place.ts';

export const nameOf = (number: number): string =>
  `0000000100000000000000${number.toString(16).toUpperCase().padStart(2, '0')}`;

export async function archivedPlace(count: number): Promise<PostgresPlace> {
  const place = await newPostgresPlace();
  await place.open();
  for (let number = 1; number <= count; number += 1) {
    await place.cluster.ready(nameOf(number));
    await place.archive(nameOf(number));
  }
  return place;
}

export const root = ({ url }: ArchiveStore): string => url.replace('file://', '');

export function objectPath({ store, cluster }: PostgresPlace, name: string): string {
  const segment = postgresNaming(cluster.segmentBytes).parse(name);
  if (segment === undefined) throw new Error(`${name} was not understood`);
  return join(root(store), keyPath(archiveKeyOf('main', segment)));
}

export const optionsOf = (
  { store }: PostgresPlace,
  more: Partial<FetchOptions> = {},
): FetchOptions => {
  const threads = createInlineThreads(nodeDisk);
  return {
    disk: nodeDisk,
    store,
    threads: () => threads,
    source: 'main',
    signal: new AbortController().signal,
    ...more,
  };
};
