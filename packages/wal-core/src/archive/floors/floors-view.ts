/** The floors of a source for those who ask at every segment: read from the archive now and then. */
import type { ArchiveStore } from '../../store/store.ts';
import type { Floors } from './floor.ts';
import { readFloors } from './read-floors.ts';

export interface FloorsView {
  /** As the archive said it at most half a minute ago; floors only rise, so what it says stays true. */
  floors(): Promise<Floors>;
}

const AGE_MS_MAX = 30_000;

export function createFloorsView(store: ArchiveStore, source: string): FloorsView {
  let known: Promise<Floors> | undefined;
  let readAtMs = -Infinity;
  return {
    floors: () => {
      if (known !== undefined && performance.now() - readAtMs < AGE_MS_MAX) return known;
      readAtMs = performance.now();
      const reading = readFloors(store, source);
      known = reading;
      // Whoever asked is told of the failure; the next one asks the archive again.
      reading.catch(() => {
        if (known === reading) known = undefined;
      });
      return reading;
    },
  };
}
