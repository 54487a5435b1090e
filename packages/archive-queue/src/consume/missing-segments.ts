/**
 * Segments that this worker found neither at the source nor in the archive, and since when. Only its own searches
 * count: anyone who can write to Redis may invent what a job says about earlier ones.
 */
import { LRUCache } from 'lru-cache';

/** Beyond this, the segment whose last search is longest ago is forgotten. */
const SEGMENTS_MAX = 1_000;

interface SearchTime {
  readonly steadyMs: number;
  readonly wallMs: number;
}

export class MissingSegments {
  readonly #first = new LRUCache<string, SearchTime>({ max: SEGMENTS_MAX });

  /** Records a search now. Returns how long the segment has been missing by both clocks of this host; 0 at first. */
  missingForMs(segment: string): number {
    const now = { steadyMs: performance.now(), wallMs: Date.now() };
    const known = this.#first.get(segment);
    // If the clock was set back, the delay of the job is unknown: start again.
    const first = known === undefined || known.wallMs > now.wallMs ? now : known;
    this.#first.set(segment, first);
    return Math.min(now.steadyMs - first.steadyMs, now.wallMs - first.wallMs);
  }

  /** The segment was found, or its job has ended. */
  forget(segment: string): void {
    this.#first.delete(segment);
  }
}
