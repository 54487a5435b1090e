import type { FailedSegment } from '../observe/index.ts';
import type { JobEvent } from './job-event.ts';

const KEPT_MAX = 20;

/** The latest failures of a worker, newest first. */
export class RecentFailures {
  #failures: readonly FailedSegment[] = [];

  note(event: JobEvent): void {
    const { source, segment, kind } = event;
    if (kind !== 'retried' && kind !== 'missing' && kind !== 'quarantined') return;
    const failed = { ...event.failure, source, segment, kind, at: Date.now() };
    this.#failures = [failed, ...this.#failures].slice(0, KEPT_MAX);
  }

  list(): FailedSegment[] {
    return [...this.#failures];
  }
}
