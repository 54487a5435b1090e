/** The objects of a source in the order of their segments; memory is bounded by one shard. */
import { compareSegments, type SegmentName } from '../source/segment-name.ts';
import type { SegmentNaming } from '../source/naming.ts';
import type { ArchiveKey } from '../store/archive-key.ts';
import type { ArchiveStore } from '../store/store.ts';

export interface OrderedKey {
  readonly key: ArchiveKey;
  readonly name: SegmentName;
}

/** Names that are no segments of this naming are left out: walq never wrote them. */
export async function* keysInOrder(
  store: ArchiveStore,
  source: string,
  naming: SegmentNaming,
): AsyncGenerator<OrderedKey> {
  let shard: OrderedKey[] = [];
  for await (const keys of store.list(source)) {
    for (const key of keys) {
      const name = naming.parse(key.segment);
      if (name === undefined) continue;
      if (shard[0] !== undefined && shard[0].key.shard !== key.shard) {
        yield* sorted(shard);
        shard = [];
      }
      shard.push({ key, name });
    }
  }
  yield* sorted(shard);
}

const sorted = (shard: OrderedKey[]): OrderedKey[] =>
  shard.toSorted((a, b) => compareSegments(a.name, b.name));
