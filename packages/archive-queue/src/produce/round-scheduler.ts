/** Schedules the rounds of the pump: how long it pauses between two of them, and what ends a pause early. */
import { WakeableSleep, jitteredBackoffMs } from '@walq/wal-core/internal';

/** A pause between two rounds, in milliseconds. */
export interface RoundPause {
  /** The next round starts no earlier. */
  readonly minDelayMs: number;
  /** After that, the next round starts when it is requested, or after this long. */
  readonly idleMs: number;
}

/** Between rounds that flushes requested: limits the watermark fsyncs of a busy engine. */
const ROUND_GAP_MS = 50;
const DRAIN_POLL = { shortestMs: 10, longestMs: 250 };
/** The shortest delay before a failed round is repeated, however often that is requested. */
const RETRY_GAP_MS = 250;
const FAILURE_PAUSE = { firstMs: 500, longestMs: 30_000 };
/** Shorter, because these rounds still fill the window. */
const WATERMARK_PAUSE = { firstMs: 500, longestMs: 5_000 };

export const idleFor = (idleMs: number): RoundPause => ({ minDelayMs: ROUND_GAP_MS, idleMs });

/** The pause after so many failures of the source, its archive or Redis, with jitter; milliseconds. */
export const failurePauseMs = (failures: number): number =>
  jitteredBackoffMs(failures, FAILURE_PAUSE);

export const delayFor = (minDelayMs: number): RoundPause => ({ minDelayMs, idleMs: 0 });

export const pauseUnwritten = (failures: number): RoundPause =>
  delayFor(jitteredBackoffMs(failures, WATERMARK_PAUSE));

export class RoundScheduler {
  /** Ended early only by `end`. */
  readonly #gap = new WakeableSleep();
  /** Ended early only by `repeatSoon` and `end`. */
  readonly #minDelay = new WakeableSleep();
  readonly #idle = new WakeableSleep();
  #drainPollMs = DRAIN_POLL.shortestMs;

  async wait({ minDelayMs, idleMs }: RoundPause): Promise<void> {
    await this.#gap.sleep(Math.min(minDelayMs, RETRY_GAP_MS));
    await this.#minDelay.sleep(minDelayMs - RETRY_GAP_MS);
    await this.#idle.sleep(idleMs);
  }

  /** The pause while the backlog drains: grows while no jobs are added. */
  draining(added: number): RoundPause {
    const { shortestMs, longestMs } = DRAIN_POLL;
    this.#drainPollMs = added > 0 ? shortestMs : Math.min(longestMs, this.#drainPollMs * 1.5);
    return delayFor(this.#drainPollMs);
  }

  wake(): void {
    this.#idle.wake();
  }

  /** Also ends the pause after a failure. */
  repeatSoon(): void {
    this.#minDelay.wake();
    this.#idle.wake();
  }

  end(): void {
    this.#gap.wake();
    this.repeatSoon();
  }
}
