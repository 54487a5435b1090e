/** Schedules the rounds of the pump: how long it pauses between two of them, and what ends a pause early. */
import { WakeableSleep, jitteredBackoffMs } from '@walq/wal-core/internal';

/** A pause between two rounds, in milliseconds. */
export interface RoundPause {
  /** The next round starts no earlier, even if it is requested. */
  readonly minDelayMs: number;
  /** After that, the next round starts when it is requested, or after this long. */
  readonly idleMs: number;
}

/**
 * Between two rounds, while nobody waits for the next one: flushes gather, which limits the fsyncs and the Redis calls of
 * a busy engine. The first flush after a longer pause starts a round at once.
 */
const GATHER_MS = 50;
const DRAIN_POLL = { shortestMs: 10, longestMs: 250 };
/** The longest delay before a failed round is repeated where that is requested. */
const RETRY_GAP_MS = 250;
const FAILURE_PAUSE = { firstMs: 500, longestMs: 30_000 };
/** Shorter, because these rounds still fill the window. */
const WATERMARK_PAUSE = { firstMs: 500, longestMs: 5_000 };

export const idleFor = (idleMs: number): RoundPause => ({ minDelayMs: 0, idleMs });

/** The pause after so many failures of the source, its archive or Redis, with jitter; milliseconds. */
export const failurePauseMs = (failures: number): number =>
  jitteredBackoffMs(failures, FAILURE_PAUSE);

export const delayFor = (minDelayMs: number): RoundPause => ({ minDelayMs, idleMs: 0 });

export const pauseUnwritten = (failures: number): RoundPause =>
  delayFor(jitteredBackoffMs(failures, WATERMARK_PAUSE));

/**
 * How urgent the next round is. `gather`: for a flush, with those that follow it. `now`: for a caller that waits for the
 * round. `repeat`: ends the pause after a failure. `end`: there is none, so that nothing is waited for.
 */
type Request = (typeof URGENCY)[number];
const URGENCY = ['nothing', 'gather', 'now', 'repeat', 'end'] as const;

export class RoundScheduler {
  readonly #change = new WakeableSleep();
  #beganMs = 0;
  #request: Request = 'nothing';
  #drainPollMs = DRAIN_POLL.shortestMs;

  /** A round begins, which does what was requested before. */
  begin(): void {
    this.#beganMs = performance.now();
    this.#request = 'nothing';
  }

  /** Resolves when the next round is due. To be called when a round has ended. */
  async wait(pause: RoundPause): Promise<void> {
    const endedMs = performance.now();
    for (;;) {
      const dueMs = endedMs + this.#delayMs(pause, endedMs - this.#beganMs);
      const leftMs = dueMs - performance.now();
      if (leftMs <= 0) return;
      // Whole milliseconds, so that no rounding leaves a rest that never passes.
      await this.#change.sleep(Math.ceil(leftMs));
    }
  }

  /** The pause while the backlog drains: grows while no jobs are added. */
  draining(added: number): RoundPause {
    const { shortestMs, longestMs } = DRAIN_POLL;
    this.#drainPollMs = added > 0 ? shortestMs : Math.min(longestMs, this.#drainPollMs * 1.5);
    return delayFor(this.#drainPollMs);
  }

  /** Requests the next round, or more urgently than before. */
  wake(request: Request): void {
    if (URGENCY.indexOf(request) > URGENCY.indexOf(this.#request)) this.#request = request;
    this.#change.wake();
  }

  #delayMs({ minDelayMs, idleMs }: RoundPause, roundMs: number): number {
    // Where each caller waits for its round, rounds take at most half of the time.
    const shareMs = Math.min(roundMs, GATHER_MS);
    switch (this.#request) {
      case 'nothing':
        return minDelayMs + idleMs;
      case 'gather':
        return Math.max(minDelayMs, GATHER_MS);
      case 'now':
        return Math.max(minDelayMs, shareMs);
      case 'repeat':
        return Math.max(Math.min(minDelayMs, RETRY_GAP_MS), GATHER_MS);
      case 'end':
        return 0;
    }
  }
}
