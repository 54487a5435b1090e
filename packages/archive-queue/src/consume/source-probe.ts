/** Checks whether a source's directory exists and has its identity; records why not, and when to check again. */
import {
  asWalqError,
  backoffMs,
  isWalqError,
  openSource,
  requireIdentity,
  toFailureRecord,
  WalqError,
  type Disk,
  type FailureRecord,
  type OutageState,
  type Source,
} from '@walq/wal-core/internal';
import type { Logger } from 'pino';
import { newSourceOutage } from '../outages.ts';
import { isRedisFailure } from '../connection/redis-errors.ts';
import { withDeadline } from '../deadline.ts';
import type { ConsumedSource } from './consumer-options.ts';

/** While a mount hangs, it is neither probed again nor waited for. */
const PROBE_MAX_MS = 10_000;
/** Doubles with each failure, up to the usual interval. */
const FIRST_RETRY_MS = 400;

export class SourceProbe {
  readonly #disk: Disk;
  readonly #consumed: ConsumedSource;
  readonly #outage: OutageState<WalqError>;
  #probing: Promise<string> | undefined;
  /** Failed probes since the last successful one. */
  #failures = 0;

  constructor(disk: Disk, consumed: ConsumedSource, logger: Logger) {
    this.#disk = disk;
    this.#consumed = consumed;
    this.#outage = newSourceOutage(logger);
  }

  /** Why the source is not worked on. */
  get stopped(): FailureRecord | undefined {
    return this.#outage.current && toFailureRecord(this.#outage.current);
  }

  /** Since when, in milliseconds since 1970. */
  get stoppedSince(): number | undefined {
    return this.#outage.since;
  }

  /**
   * Reads the identity in the directory. The archive is read only if the identity is not `known`; the breaker handles
   * its failures.
   */
  async identify(known: string | undefined): Promise<string> {
    this.#probing ??= this.#probe(known).finally(() => {
      this.#probing = undefined;
    });
    const probing = withDeadline(this.#probing, PROBE_MAX_MS, 'probing the source');
    return probing.catch(hung(this.#consumed.source));
  }

  succeeded(): void {
    this.#failures = 0;
    this.#outage.clear();
  }

  /** True if the failure is the source's. The first one is often only a producer that has not registered it yet. */
  failed(error: unknown): boolean {
    if (isRedisFailure(error)) return false;
    this.#failures += 1;
    if (this.#failures > 1) this.#outage.report(asWalqError(error));
    return true;
  }

  nextAfterMs(usualMs: number): number {
    if (this.#failures === 0) return usualMs;
    return backoffMs(this.#failures, { firstMs: FIRST_RETRY_MS, longestMs: usualMs });
  }

  async #probe(known: string | undefined): Promise<string> {
    const disk = this.#disk;
    const sourceId = await requireIdentity(disk, this.#consumed.source);
    if (sourceId === known) return sourceId;
    return (await openSource({ disk, ...this.#consumed, registerIfNew: false })).sourceId;
  }
}

const hung =
  (source: Source) =>
  (cause: unknown): never => {
    if (isWalqError(cause)) throw cause;
    throw new WalqError('source-unavailable', {
      message: `source '${source.name}': the filesystem of ${source.directory} does not respond`,
      cause,
    });
  };
