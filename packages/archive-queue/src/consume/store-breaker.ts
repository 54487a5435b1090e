/**
 * The circuit breakers of a consumer, one per archive. When an archive fails, its sources stop taking jobs, and one probe
 * at a time checks whether it works again.
 *
 *   closed ── a job fails ──▶ open ── probe succeeds ──▶ half-open ── a job succeeds ──▶ closed
 *                              ▲ └── probe fails: later again │
 *                              └──────── a job fails ─────────┘
 *
 * While half-open, each process takes one job at a time from each source. If an archive passes its probe and jobs still
 * fail (it may be full for large objects only), the pauses get longer, and the log shows one outage.
 */
import {
  asWalqError,
  jitteredBackoffMs,
  repeat,
  toFailureRecord,
  type ArchiveStore,
  type Backoff,
  type FailureRecord,
  type OutageState,
  type Repetition,
  type WalqError,
} from '@walq/wal-core/internal';
import type { Logger } from 'pino';
import { newServiceOutage } from '../outages.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

export interface ArchiveOutage extends FailureRecord {
  /** Milliseconds since 1970. */
  readonly since: number;
}

const PAUSE: Backoff = { firstMs: 1_000, longestMs: 60_000 };
/** A half-open breaker that gets no job closes after this. */
const HALF_OPEN_MS = 60_000;
const IDLE_MS = 3_600_000;

/** One breaker per archive, for all sources of that archive. */
export class Breakers {
  readonly #logger: Logger;
  readonly #onChange: (breaker: StoreBreaker) => void;
  readonly #byStore = new Map<ArchiveStore, StoreBreaker>();

  constructor(logger: Logger, onChange: (breaker: StoreBreaker) => void) {
    this.#logger = logger;
    this.#onChange = onChange;
  }

  of(store: ArchiveStore): StoreBreaker {
    const known = this.#byStore.get(store);
    if (known !== undefined) return known;
    const breaker = new StoreBreaker(store, this.#logger, this.#onChange);
    this.#byStore.set(store, breaker);
    return breaker;
  }

  /** Ends probing; a probe that hangs is not waited for. */
  stop(): void {
    for (const breaker of this.#byStore.values()) breaker.stop();
  }
}

export class StoreBreaker {
  readonly #store: ArchiveStore;
  readonly #onChange: (breaker: StoreBreaker) => void;
  readonly #outage: OutageState<WalqError>;
  readonly #rounds: Repetition;
  #state: BreakerState = 'closed';
  #failures = 0;
  #changedMs = 0;

  constructor(store: ArchiveStore, logger: Logger, onChange: (breaker: StoreBreaker) => void) {
    this.#store = store;
    this.#onChange = onChange;
    this.#outage = newServiceOutage(logger, `archive ${store.url}`);
    this.#rounds = repeat(() => this.#round());
  }

  /** Why the archive fails, from the first failure until a job has succeeded again. */
  get outage(): ArchiveOutage | undefined {
    const { current, since = Date.now() } = this.#outage;
    return current && { ...toFailureRecord(current), since };
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** A job failed because of the archive; true when this opened the breaker. */
  failed(failure: WalqError): boolean {
    this.#outage.report(failure);
    if (this.#state === 'open') return false;
    this.#failures += 1;
    this.#change('open');
    return true;
  }

  /** A job succeeded. This is ignored while open: a job in flight when the breaker opened proves nothing. */
  succeeded(): void {
    if (this.#state === 'half-open') this.#close();
  }

  /** Ends probing; a probe that hangs is not waited for. */
  stop(): void {
    this.#rounds.stop();
  }

  async #round(): Promise<number> {
    const waitedMs = performance.now() - this.#changedMs;
    if (this.#state === 'half-open' && waitedMs >= HALF_OPEN_MS) this.#close();
    if (this.#state === 'half-open') return HALF_OPEN_MS - waitedMs;
    if (this.#state === 'closed') return IDLE_MS;
    if (waitedMs < this.#pauseMs) return this.#pauseMs - waitedMs;
    return this.#probe();
  }

  #pauseMs = 0;

  async #probe(): Promise<number> {
    try {
      await this.#store.probe();
      this.#change('half-open');
    } catch (error) {
      this.#outage.report(asWalqError(error));
      this.#failures += 1;
      this.#change('open');
    }
    return 0;
  }

  #close(): void {
    this.#failures = 0;
    this.#outage.clear();
    this.#change('closed');
  }

  #change(state: BreakerState): void {
    this.#state = state;
    this.#changedMs = performance.now();
    this.#pauseMs = jitteredBackoffMs(this.#failures, PAUSE);
    this.#onChange(this);
    this.#rounds.hurry();
  }
}
