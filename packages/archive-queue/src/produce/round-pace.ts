/** How long the pump pauses between two rounds, and what ends a pause early. */
import { WakeableSleep, jitteredBackoffMs } from '@walq/wal-core/internal';

/** Until when to hold off whatever is asked, and until when to rest unless asked. */
export interface Rest {
  readonly holdOffMs: number;
  readonly restMs: number;
}

/** Between rounds that only flushes asked for: bounds the fsyncs of a busy engine's watermark. */
const ROUND_GAP_MS = 50;
const DRAIN_POLL = { shortestMs: 10, longestMs: 250 };
/** However often a failed round is asked to be repeated. */
const RETRY_GAP_MS = 250;
const FAILURE_PAUSE = { firstMs: 500, longestMs: 30_000 };
/** Shorter, because the window goes on to be filled meanwhile. */
const WATERMARK_PAUSE = { firstMs: 500, longestMs: 5_000 };

export const idleFor = (restMs: number): Rest => ({ holdOffMs: ROUND_GAP_MS, restMs });

/** In milliseconds, with jitter: after so many failures of the source, its archive or Redis. */
export const failurePauseMs = (failures: number): number =>
  jitteredBackoffMs(failures, FAILURE_PAUSE);

export const holdOffFor = (holdOffMs: number): Rest => ({ holdOffMs, restMs: 0 });

export const restUnwritten = (failures: number): Rest =>
  holdOffFor(jitteredBackoffMs(failures, WATERMARK_PAUSE));

export class RoundPace {
  /** Ended only by the end. */
  readonly #gap = new WakeableSleep();
  /** Ended only by what makes a failed round worth repeating: a new connection, or the end. */
  readonly #holdOff = new WakeableSleep();
  readonly #rest = new WakeableSleep();
  #drainPollMs = DRAIN_POLL.shortestMs;

  async pause({ holdOffMs, restMs }: Rest): Promise<void> {
    await this.#gap.sleep(Math.min(holdOffMs, RETRY_GAP_MS));
    await this.#holdOff.sleep(holdOffMs - RETRY_GAP_MS);
    await this.#rest.sleep(restMs);
  }

  /** While the backlog drains: the longer, the longer nothing was added. */
  draining(added: number): Rest {
    const { shortestMs, longestMs } = DRAIN_POLL;
    this.#drainPollMs = added > 0 ? shortestMs : Math.min(longestMs, this.#drainPollMs * 1.5);
    return holdOffFor(this.#drainPollMs);
  }

  wake(): void {
    this.#rest.wake();
  }

  /** Ends also the pause after a failure. */
  repeatSoon(): void {
    this.#holdOff.wake();
    this.#rest.wake();
  }

  end(): void {
    this.#gap.wake();
    this.repeatSoon();
  }
}
