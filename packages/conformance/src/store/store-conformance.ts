/**
 * What every store promises, as tests. A driver gives a place that is empty; each test has its own:
 *
 *     storeConformance({ name: 'memory store', create: aMemoryPlace, describe, it });
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
  /** Another opening of the same place, as a second process has it; may be the same store. */
  readonly twin: ArchiveStore;
  /** Makes a staging look as if nobody had written to it for so long. */
  readonly age: (staging: Staging, ageMs: number) => Promise<void>;
  /** Has the place keep an object, as an object lock does; left out where it cannot. */
  readonly hold?: (key: ArchiveKey) => Promise<void>;
  /** What stands under a name relative to the archive, such as `moveAside` gives it; undefined for nothing. */
  readonly textAt: (name: string) => Promise<string | undefined>;
  readonly cleanup: () => Promise<void>;
}

/** `create` makes a store that holds nothing, and has passed its probe where it needs one. */
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
  'setting aside': movingAside,
  sweeping,
};

export function storeConformance(conformance: StoreConformance): void {
  const titled = (chapter: string): string =>
    `${conformance.name} keeps the store contract: ${chapter}`;
  tryPromises(conformance, titled, chapters);
}
