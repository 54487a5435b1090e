/** The worker's side: takes archive jobs of the sources that this host can see, and does them. */
import { nodeDisk, asWalqError, isWalqError } from '@walq/wal-core';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { checkRedis, ErrorGate, RedisLink } from '../connection/index.ts';
import { queueNameOf } from '../job/index.ts';
import { WORKER_TTL_MS, WorkerRegistry } from '../observe/index.ts';
import { repeat, withDeadline, type Repetition } from '../pace/index.ts';
import { Breakers } from './breakers.ts';
import type { ConsumedSource, ConsumerOptions } from './consumer-options.ts';
import { RunAlone } from './run-alone.ts';
import { shutDown } from './shutdown.ts';
import type { BreakerState } from './store-breaker.ts';
import { Subscription, type SubscriptionState } from './subscription.ts';

export interface Consumer {
  /** Name under which this worker is listed: host, process and a random part. */
  readonly id: string;
  /**
   * Begins to take jobs. Resolves also while Redis is down, and begins once it is there.
   *
   * @throws WalqError `redis-evicts`
   */
  start(): Promise<void>;
  state(): ConsumerState;
  /**
   * Takes no more jobs, gives those in work `graceMs` to end, gives the others back and ends. Takes at
   * most about 4 s longer than the grace, whether Redis answers or not.
   */
  close(options?: { graceMs?: number }): Promise<void>;
}

export interface ConsumerState {
  readonly redis: 'ok' | 'unreachable';
  /** Segments in work. */
  readonly active: number;
  readonly sources: Readonly<Record<string, SubscriptionState & { store: BreakerState }>>;
}

const DEFAULTS = {
  queueName: 'wal-archive',
  lockDurationMs: 60_000,
  sourceCheckIntervalMs: 15_000,
  stuckAfterMs: 120_000,
  missingMs: 300_000,
};
const GRACE_MS = 1_000;
const FIRST_CONNECTION_MAX_MS = 2_000;
const UNREGISTER_MAX_MS = 500;

export function createConsumer(options: ConsumerOptions): Consumer {
  return new QueueConsumer(options);
}

class QueueConsumer implements Consumer {
  readonly id: string;
  readonly #options: ConsumerOptions & typeof DEFAULTS;
  readonly #errors: ErrorGate;
  readonly #link: RedisLink;
  readonly #registry: WorkerRegistry;
  readonly #subscriptions: readonly Subscription[];
  readonly #breakers: Breakers;
  readonly #runAlone = new RunAlone();
  #heartbeat: Repetition | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ConsumerOptions) {
    this.#options = { ...DEFAULTS, ...options };
    const { redis: place, logger, queueName } = this.#options;
    this.id = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
    this.#errors = new ErrorGate(logger);
    this.#link = new RedisLink({ place, logger, onReady: () => void this.#recheckRedis() });
    this.#registry = new WorkerRegistry(this.#link, queueName);
    this.#breakers = new Breakers(logger, (breaker, state) => {
      for (const one of this.#subscriptions) if (one.breaker === breaker) one.follow(state);
    });
    this.#subscriptions = options.sources.map((one) => this.#subscribe(one));
  }

  async start(): Promise<void> {
    await this.#link.untilReady(FIRST_CONNECTION_MAX_MS);
    await checkRedis(this.#link).catch((error: unknown) => {
      if (!isWalqError(error, 'redis-unavailable')) throw error;
    });
    for (const subscription of this.#subscriptions) subscription.start();
    this.#heartbeat ??= repeat(() => this.#beat());
  }

  state(): ConsumerState {
    const sources = this.#options.sources.map(({ source, store }, index) => {
      const state = this.#subscriptions[index]?.state();
      return [source.name, { ...state, store: this.#breakers.of(store).state }] as const;
    });
    return {
      redis: this.#link.isReady ? 'ok' : 'unreachable',
      active: this.#active(),
      sources: Object.fromEntries(sources) as ConsumerState['sources'],
    };
  }

  close({ graceMs = GRACE_MS }: { graceMs?: number } = {}): Promise<void> {
    return (this.#closing ??= this.#close(graceMs));
  }

  async #close(graceMs: number): Promise<void> {
    await shutDown(this.#subscriptions, this.#breakers.all(), graceMs);
    this.#heartbeat?.stop();
    await this.#unregister();
    this.#link.close();
    await this.#heartbeat?.ended;
  }

  async #unregister(): Promise<void> {
    try {
      await withDeadline(this.#registry.remove(this.id), UNREGISTER_MAX_MS, 'unregistering');
    } catch (err) {
      this.#options.logger.debug({ err }, 'the list of workers forgets this one by itself');
    }
  }

  #active(): number {
    return this.#subscriptions.reduce((sum, one) => sum + one.state().active, 0);
  }

  #subscribe({ source, store }: ConsumedSource): Subscription {
    const options = this.#options;
    const { archiver, redis, lockDurationMs, stuckAfterMs, missingMs } = options;
    return new Subscription({
      source,
      store,
      archiver,
      redis,
      lockDurationMs,
      stuckAfterMs,
      missingMs,
      link: this.#link,
      errors: this.#errors,
      runAlone: this.#runAlone,
      disk: options.disk ?? nodeDisk,
      queueName: queueNameOf(options.queueName, source.name),
      workerName: this.id,
      logger: options.logger.child({ source: source.name }),
      breaker: this.#breakers.of(store),
      checkIntervalMs: options.sourceCheckIntervalMs,
      onEvent: options.onEvent ?? (() => undefined),
    });
  }

  /** Redis may have come back with another configuration. */
  async #recheckRedis(): Promise<void> {
    try {
      await checkRedis(this.#link);
      for (const one of this.#subscriptions) one.release('redis-evicts');
      for (const one of this.#subscriptions) one.lookNow();
      this.#heartbeat?.hurry();
    } catch (error) {
      if (!isWalqError(error, 'redis-evicts')) return;
      this.#errors.report(error, error.message);
      for (const one of this.#subscriptions) one.hold('redis-evicts');
    }
  }

  async #beat(): Promise<number> {
    // A policy that was mended while the connection stood is seen only by asking again.
    if (this.#subscriptions.some((one) => one.isHeldFor('redis-evicts')))
      await this.#recheckRedis();
    const worker = {
      id: this.id,
      host: hostname(),
      concurrency: this.#options.archiver.parallelism,
      active: this.#active(),
      sources: this.#options.sources.map(({ source }) => source.name),
    };
    await this.#registry.write(worker).catch((error: unknown) => {
      this.#options.logger.debug({ err: asWalqError(error) }, 'not listed for now');
    });
    return WORKER_TTL_MS / 3;
  }
}
