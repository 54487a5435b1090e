/**
 * What every store promises, as tests. A driver provides an empty fixture for each test:
 *
 * storeConformance({ name: 'memory store', create: createMemoryFixture, describe, it });
 */
import type { ArchiveKey, ArchiveStore, Staging } from '@walq/wal-core/internal';
import { tryPromises, type Conformance, type Promised } from '../try-promises.ts';
import { keysAndListing } from './listing.ts';
import { publishing, reading } from './publishing.ts';
import { removing, movingAside } from './removing.ts';
import { dictionaries, recording } from './small-files.ts';
import { room, sweeping } from './sweeping.ts';

export interface StoreTarget {
  readonly store: ArchiveStore;
  /** Another opening of the same archive, as in a second process; may be the same store. */
  readonly twin: ArchiveStore;
  /** Sets a staging's times as if it had not been written for this long. */
  readonly age: (staging: Staging, ageMs: number) => Promise<void>;
  /** Prevents the removal of an object, as an object lock does; absent where the store cannot. */
  readonly hold?: (key: ArchiveKey) => Promise<void>;
  /** The content under a name relative to the archive, such as `moveAside` returns; undefined for nothing. */
  readonly textAt: (name: string) => Promise<string | undefined>;
  readonly cleanup: () => Promise<void>;
}

/** `create` provides an empty store, which has passed its probe where it needs one. */
export type StoreConformance = Conformance<StoreTarget>;

export type StorePromise = Promised<StoreTarget>;

const chapters: Readonly<Record<string, readonly StorePromise[]>> = {
  publishing,
  reading,
  listing: keysAndListing,
  removing,
  records: recording,
  dictionaries,
  room,
  'moving aside': movingAside,
  sweeping,
};

export function storeConformance(conformance: StoreConformance): void {
  const titled = (chapter: string): string =>
    `${conformance.name} meets the store contract: ${chapter}`;
  tryPromises(conformance, titled, chapters);
}
