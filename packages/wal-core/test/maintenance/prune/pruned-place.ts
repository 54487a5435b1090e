/** An archive of small segments, and `walq prune` on it. */
import {
  archiveKeyOf,
  nodeDisk,
  openManifestIndex,
  prune,
  type PruneOptions,
  type Source,
} from '@walq/wal-core/internal';
import { join } from 'node:path';
import { newPlace, segmentName, type Place } from '../../support/place.ts';

const SEGMENTS = 10;
export const HOUR_MS = 60 * 60 * 1000;

export const numbersTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);

/** Segments 1 to 10 in the archive, and nothing but a newer one at a source that deletes. */
export async function archivedPlace(source: Partial<Source> = {}): Promise<Place> {
  const contents = numbersTo(SEGMENTS + 1).map((number) => [number, `segment ${number}`] as const);
  const segments = Object.fromEntries(contents);
  const place = await newPlace({ segments, flushedUpTo: SEGMENTS, source });
  for (const number of numbersTo(SEGMENTS)) await place.archive1(number);
  return place;
}

export async function optionsOf(
  { store, source, root }: Place,
  more: Partial<PruneOptions> & { readonly keepFrom?: number } = {},
): Promise<PruneOptions> {
  const { keepFrom = 6, ...rest } = more;
  return {
    store,
    source: source.name,
    naming: source.naming,
    rules: { keepFrom: [segmentName(keepFrom)] },
    graceMs: 0,
    index: await openManifestIndex(nodeDisk, join(root, 'cache'), store.url, source.name),
    by: 'test:1',
    signal: new AbortController().signal,
    ...rest,
  };
}

export const pruned = async (place: Place, more: Parameters<typeof optionsOf>[1] = {}) =>
  prune(await optionsOf(place, more));

/** Numbers that are in the archive. */
export async function leftIn({ store, source }: Place): Promise<number[]> {
  const numbers: number[] = [];
  for await (const keys of store.list(source.name)) {
    for (const { segment } of keys) numbers.push(Number(/\d+/.exec(segment)?.[0]));
  }
  return numbers.toSorted((a, b) => a - b);
}

export const recordsOf = ({ store, source }: Place): Promise<readonly string[]> =>
  store.records.list(source.name, 'floors');

export const keyOf = (number: number) => archiveKeyOf('orders', segmentName(number));
