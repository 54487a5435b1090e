/**
 * Segments that this worker found neither at the source nor in the archive, and since when. Only its own looks
 * count: what a job says of earlier ones, anybody who can write to Redis may have made up.
 */
import { LRUCache } from 'lru-cache';

/** Of more, the one that was looked for longest ago begins anew. */
const SEGMENTS_MAX = 1_000;

interface Look {
  readonly steadyMs: number;
  readonly wallMs: number;
}

export class MissingSegments {
  readonly #first = new LRUCache<string, Look>({ max: SEGMENTS_MAX });

  /** For how long it has been missing, as of this look, by both clocks of this host; 0 at the first. */
  missingForMs(segment: string): number {
    const now = { steadyMs: performance.now(), wallMs: Date.now() };
    const known = this.#first.get(segment);
    // Where the clock was set back, it is not known how long a job rested: it begins anew.
    const first = known === undefined || known.wallMs > now.wallMs ? now : known;
    this.#first.set(segment, first);
    return Math.min(now.steadyMs - first.steadyMs, now.wallMs - first.wallMs);
  }

  /** It was found, or is done with. */
  forget(segment: string): void {
    this.#first.delete(segment);
  }
}
