import type { ArchiveKey } from '../../store/archive-key.ts';
import type { ArchiveStore } from '../../store/store.ts';
import type { Manifest } from '../../codec/manifest.ts';
import { shelfOf } from './shelf.ts';

/** Makes an object durable that somebody else published, and first the dictionary without which it is nothing. */
export async function settleFound(
  store: ArchiveStore,
  key: ArchiveKey,
  { dictionary }: Manifest,
): Promise<void> {
  if (dictionary !== null) await shelfOf(store).settle(key.source, dictionary);
  await store.settle(key);
}
