/** The latest failures of a worker: one entry per source and failure, however many segments failed. */
import type { JobEvent } from '../job/job-ending.ts';
import type { FailedSegments } from '../observe/role-records.ts';

const KEPT_MAX = 20;
/** Counts this many failing segments per entry; further ones are not counted. */
const SEGMENTS_MAX = 10_000;
/** How long a failure stays listed after it has ended. */
const ENDED_MS = 3_600_000;

interface Group {
  readonly latest: Omit<FailedSegments, 'segments' | 'since'>;
  readonly since: number;
  readonly failing: Set<string>;
}

export class RecentFailures {
  /** By source, kind and code; newest last. */
  readonly #groups = new Map<string, Group>();

  note(event: JobEvent, now = Date.now()): void {
    const { source, segment, kind } = event;
    if (kind === 'released') return;
    if (kind === 'archived' || kind === 'dropped') return this.#succeeded(source, segment);
    if (kind === 'quarantined') this.#succeeded(source, segment);
    const key = JSON.stringify([source, kind, event.failure.code]);
    const known = this.#groups.get(key);
    const isOngoing = known !== undefined && known.failing.size > 0;
    const failing = isOngoing ? known.failing : new Set<string>();
    if (failing.size < SEGMENTS_MAX) failing.add(segment);
    this.#groups.delete(key);
    const latest = { ...event.failure, source, segment, kind, at: now };
    this.#groups.set(key, { latest, since: isOngoing ? known.since : now, failing });
    this.#dropOld(now);
  }

  /** Newest first. */
  list(now = Date.now()): FailedSegments[] {
    this.#dropOld(now);
    return [...this.#groups.values()]
      .map(({ latest, since, failing }) => ({ ...latest, since, segments: failing.size }))
      .toReversed();
  }

  #succeeded(source: string, segment: string): void {
    for (const { latest, failing } of this.#groups.values()) {
      if (latest.source === source && latest.kind !== 'quarantined') failing.delete(segment);
    }
  }

  #dropOld(now: number): void {
    for (const [key, { latest, failing }] of this.#groups) {
      const isOld = failing.size === 0 && now - latest.at > ENDED_MS;
      if (isOld || this.#groups.size > KEPT_MAX) this.#groups.delete(key);
    }
  }
}
