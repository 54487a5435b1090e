/**
 * What every store promises, as tests. A driver gives a place that is empty; each test has its own:
 *
 *     storeConformance({ name: 'memory store', create: aMemoryPlace, describe, it });
 */
import type { ArchiveStore, Staging } from '../store/index.ts';
import { keysAndListing } from './conformance/listing.ts';
import { publishing } from './conformance/publishing.ts';
import { reading } from './conformance/reading.ts';
import { recording } from './conformance/recording.ts';
import { sweeping } from './conformance/sweeping.ts';

export interface StorePlace {
  readonly store: ArchiveStore;
  /** Another opening of the same place, as a second process has it; may be the same store. */
  readonly twin: ArchiveStore;
  /** Makes a staging look as if nobody had written to it for so long. */
  readonly age: (staging: Staging, ageMs: number) => Promise<void>;
  readonly cleanup: () => Promise<void>;
}

export interface StoreConformance {
  readonly name: string;
  /** Makes a store that holds nothing, and has passed its probe where it needs one. */
  readonly create: () => Promise<StorePlace>;
  /** The test runner's own. */
  readonly describe: (name: string, body: () => void) => void;
  readonly it: (name: string, body: () => Promise<void>) => void;
}

/** One promise and how it is tried. */
export interface Promised {
  readonly promise: string;
  readonly test: (place: StorePlace) => Promise<void>;
}

const chapters: Readonly<Record<string, readonly Promised[]>> = {
  publishing,
  reading,
  listing: keysAndListing,
  records: recording,
  sweeping,
};

export function storeConformance({ name, create, describe, it }: StoreConformance): void {
  for (const [chapter, promises] of Object.entries(chapters)) {
    describe(`${name} keeps the store contract: ${chapter}`, () => {
      for (const { promise, test } of promises) it(promise, () => onNewPlace(create, test));
    });
  }
}

async function onNewPlace(
  create: () => Promise<StorePlace>,
  test: (place: StorePlace) => Promise<void>,
): Promise<void> {
  const place = await create();
  try {
    await test(place);
  } finally {
    await place.cleanup();
  }
}
