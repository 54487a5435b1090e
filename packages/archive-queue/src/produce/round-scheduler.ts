/** How long the pump pauses between two rounds, and what ends a pause early. */
import { WakeableSleep, jitteredBackoffMs } from '@walq/wal-core/internal';

/** Until when to hold off whatever is asked, and until when to rest unless asked. */
export interface RoundPause {
  readonly minDelayMs: number;
  readonly idleMs: number;
}

/** Between rounds that only flushes asked for: bounds the fsyncs of a busy engine's watermark. */
const ROUND_GAP_MS = 50;
const DRAIN_POLL = { shortestMs: 10, longestMs: 250 };
/** However often a failed round is asked to be repeated. */
const RETRY_GAP_MS = 250;
const FAILURE_PAUSE = { firstMs: 500, longestMs: 30_000 };
/** Shorter, because the window goes on to be filled meanwhile. */
const WATERMARK_PAUSE = { firstMs: 500, longestMs: 5_000 };

export const idleFor = (idleMs: number): RoundPause => ({ minDelayMs: ROUND_GAP_MS, idleMs });

/** In milliseconds, with jitter: after so many failures of the source, its archive or Redis. */
export const failurePauseMs = (failures: number): number =>
  jitteredBackoffMs(failures, FAILURE_PAUSE);

export const delayFor = (minDelayMs: number): RoundPause => ({ minDelayMs, idleMs: 0 });

export const pauseUnwritten = (failures: number): RoundPause =>
  delayFor(jitteredBackoffMs(failures, WATERMARK_PAUSE));

export class RoundScheduler {
  /** Ended only by the end. */
  readonly #gap = new WakeableSleep();
  /** Ended only by what makes a failed round worth repeating: a new connection, or the end. */
  readonly #minDelay = new WakeableSleep();
  readonly #idle = new WakeableSleep();
  #drainPollMs = DRAIN_POLL.shortestMs;

  async wait({ minDelayMs, idleMs }: RoundPause): Promise<void> {
    await this.#gap.sleep(Math.min(minDelayMs, RETRY_GAP_MS));
    await this.#minDelay.sleep(minDelayMs - RETRY_GAP_MS);
    await this.#idle.sleep(idleMs);
  }

  /** While the backlog drains: the longer, the longer nothing was added. */
  draining(added: number): RoundPause {
    const { shortestMs, longestMs } = DRAIN_POLL;
    this.#drainPollMs = added > 0 ? shortestMs : Math.min(longestMs, this.#drainPollMs * 1.5);
    return delayFor(this.#drainPollMs);
  }

  wake(): void {
    this.#idle.wake();
  }

  /** Ends also the pause after a failure. */
  repeatSoon(): void {
    this.#minDelay.wake();
    this.#idle.wake();
  }

  end(): void {
    this.#gap.wake();
    this.repeatSoon();
  }
}
