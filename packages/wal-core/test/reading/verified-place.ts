/** An archive of four segments, and its verification. */
import {
  mergeCheckResults,
  checkObjects,
  byCheckPriority,
  nodeDisk,
  openCheckHistory,
  openManifestIndex,
  verifyArchive,
  type CheckedObject,
  type CheckHistory,
  type VerifiedObject,
  type SegmentName,
  type SegmentRange,
  createInlineThreads,
} from '@walq/wal-core/internal';
import { newPlace, textOf, type Place } from '../support/place.ts';

export const five = { 1: textOf(1), 2: textOf(2), 3: textOf(3), 4: textOf(4), 5: textOf(5) };

export async function archived(): Promise<Place> {
  const place = await newPlace({ segments: five, flushedUpTo: 4 });
  for (const number of [1, 2, 3, 4]) await place.archive1(number);
  return place;
}

interface Verifying {
  readonly atSource?: readonly SegmentName[];
  readonly range?: SegmentRange;
  readonly checkHistory?: CheckHistory;
  readonly bytesMax?: number;
}

/** As the command does: by names and manifests, with its index, and, deep, by every byte; what was checked, too. */
export async function verify(place: Place, deep: boolean, verifying: Verifying = {}) {
  const { atSource = [], range = {}, checkHistory, bytesMax } = verifying;
  const { store } = place;
  const { naming } = place.source;
  const { signal } = new AbortController();
  const objects: VerifiedObject[] = [];
  const index = await indexOf(place);
  const found = await verifyArchive({
    store,
    source: 'orders',
    naming,
    consecutive: true,
    atSource,
    range,
    readsManifests: !deep,
    index,
    ...(checkHistory && { checkHistory }),
    signal,
    onObject: (object) => objects.push(object),
  });
  await index.save();
  const checked: CheckedObject[] = [];
  const history =
    checkHistory ?? (await openCheckHistory(nodeDisk, `${place.root}/state`, '', 'orders'));
  const all = objects.map((object) => ({ ...object, store, checkHistory: history }));
  const queue = bytesMax === undefined ? all : byCheckPriority(all);
  const threads = createInlineThreads();
  const order = { threads, queue, budget: { bytesMax }, signal };
  if (deep) for await (const one of checkObjects(order)) checked.push(one);
  return {
    ...mergeCheckResults(found, checked, naming),
    checked: checked.map(({ object }) => object.key.segment),
  };
}

export const indexOf = ({ root, store }: Place) =>
  openManifestIndex(nodeDisk, `${root}/cache`, store.url, 'orders');

export const historyOf = (place: Place) =>
  openCheckHistory(nodeDisk, `${place.root}/state`, place.store.url, 'orders');
