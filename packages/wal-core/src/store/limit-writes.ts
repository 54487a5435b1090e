import type { ByteLimit } from '../base/byte-limit.ts';
import type { ArchiveStore } from './store.ts';

/** A store whose staged files lie in the archive itself: to write them is to write there, no faster than this. */
export const limitWrites = (store: ArchiveStore, limit: ByteLimit): ArchiveStore => ({
  ...store,
  stage: async (key) => ({ ...(await store.stage(key)), limit }),
});
