/** The breakers of a consumer: one for each archive, which all sources of that archive follow. */
import type { ArchiveStore } from '@walq/wal-core';
import type { Logger } from 'pino';
import { StoreBreaker, type BreakerState } from './store-breaker.ts';

export class Breakers {
  readonly #logger: Logger;
  readonly #onChange: (breaker: StoreBreaker, state: BreakerState) => void;
  readonly #byStore = new Map<ArchiveStore, StoreBreaker>();

  constructor(logger: Logger, onChange: (breaker: StoreBreaker, state: BreakerState) => void) {
    this.#logger = logger;
    this.#onChange = onChange;
  }

  of(store: ArchiveStore): StoreBreaker {
    const known = this.#byStore.get(store);
    if (known !== undefined) return known;
    const onChange = (state: BreakerState): void => this.#onChange(breaker, state);
    const breaker = new StoreBreaker({ store, logger: this.#logger, onChange });
    this.#byStore.set(store, breaker);
    return breaker;
  }

  all(): readonly StoreBreaker[] {
    return [...this.#byStore.values()];
  }
}
