/** Decides how each segment of a batch ends, and records durably what has to outlive its job. */
import {
  fromFailureRecord,
  isAtSource,
  isStoreFailure,
  listQuarantine,
  asWalqError,
  quarantineSegment,
  toFailureRecord,
  WalqError,
  withNames,
  type FailureRecord,
  type SegmentResult,
} from '@walq/wal-core/internal';
import type { SegmentEnding } from '../job/job-ending.ts';
import type { ConsumedSource, SharedParts } from './consumer-options.ts';
import { MissingSegments } from './missing-segments.ts';

/** Per failure code. Further absent segments get no record of their own; the gaps show them. */
const ABSENT_RECORDS_MAX = 100;

export class SegmentEndings {
  readonly #shared: SharedParts;
  readonly #consumed: ConsumedSource;
  readonly #missing = new MissingSegments();
  /** Absent segments are recorded one after another, because each one first counts the records there are. */
  #absentRecorded: Promise<unknown> = Promise.resolve();

  constructor(shared: SharedParts, consumed: ConsumedSource) {
    this.#shared = shared;
    this.#consumed = consumed;
  }

  /** `waitMs`: from sealing until a worker took the job. */
  async of({ segment, report, failure }: SegmentResult, waitMs: number): Promise<SegmentEnding> {
    if (report === undefined) return this.#record(segment, await this.#failed(segment, failure));
    this.#missing.forget(segment);
    this.#shared.breakers.of(this.#consumed.store).succeeded();
    return { kind: 'archived', report, waitMs };
  }

  /** Quarantines a segment with which worker after worker died. */
  async stalled(segment: string, stalls: number): Promise<SegmentEnding> {
    const message = `${stalls} workers died while they archived segment ${segment}`;
    const failure = new WalqError('worker-stalled', { message });
    return this.#record(segment, this.#quarantined(segment, failure));
  }

  /** False also if the source cannot be read. */
  async isAtSource(name: string): Promise<boolean> {
    const { source } = this.#consumed;
    const segment = source.naming.parse(name);
    if (segment === undefined) return false;
    return isAtSource(this.#shared.disk, source, segment).catch(() => false);
  }

  async #failed(segment: string, failure: WalqError): Promise<SegmentEnding> {
    if (failure.code === 'source-missing') return this.#notFound(segment, failure);
    // The search for a segment that was returned to the queue did not finish.
    if (failure.code !== 'cancelled') this.#missing.forget(segment);
    // This failure comes before any search. An invented name must not leave a record in the archive.
    const isMadeUp = failure.code === 'segment-name-refused' && !(await this.isAtSource(segment));
    return isMadeUp ? { kind: 'dropped', why: 'no-segment' } : endingOf(failure);
  }

  /** A segment is lost if this worker twice did not find it, far enough apart that no slow mount explains it. */
  #notFound(segment: string, failure: WalqError): SegmentEnding {
    if (this.#missing.missingForMs(segment) < this.#shared.missingMs)
      return { kind: 'missing', failure: toFailureRecord(failure) };
    const lost = new WalqError('segment-lost', { message: failure.message, cause: failure });
    return this.#quarantined(segment, lost);
  }

  /** Fills the names into the hint, as the pipeline does for its own failures. */
  #quarantined(segment: string, failure: WalqError): SegmentEnding {
    const named = withNames(failure, { source: this.#consumed.source.name, segment });
    return { kind: 'quarantined', failure: toFailureRecord(named) };
  }

  /** The quarantine record is durable before the job ends. If the archive cannot take it, the segment is retried. */
  async #record(segment: string, ending: SegmentEnding): Promise<SegmentEnding> {
    if (ending.kind === 'quarantined') return this.#quarantine(segment, ending.failure);
    if (ending.kind !== 'retried') return ending;
    const failure = fromFailureRecord(ending.failure);
    const breaker = this.#shared.breakers.of(this.#consumed.store);
    if (!isStoreFailure(failure) || breaker.failed(failure)) return ending;
    return { kind: 'released', failure: ending.failure };
  }

  async #quarantine(segment: string, failure: FailureRecord): Promise<SegmentEnding> {
    try {
      if (await this.isAtSource(segment)) return await this.#writeQuarantine(segment, failure);
      const recorded = this.#absentRecorded.then(() => this.#quarantineAbsent(segment, failure));
      // A failure here belongs to this segment; the next one must not inherit it.
      this.#absentRecorded = recorded.catch(() => undefined);
      return await recorded;
    } catch (error) {
      return { kind: 'retried', failure: toFailureRecord(asWalqError(error)) };
    }
  }

  async #quarantineAbsent(segment: string, failure: FailureRecord): Promise<SegmentEnding> {
    const { store, source } = this.#consumed;
    const records = await listQuarantine(store, source.name);
    const alike = records.filter(({ code }) => code === failure.code).length;
    if (alike >= ABSENT_RECORDS_MAX) return { kind: 'dropped', why: 'absent-like-others' };
    return this.#writeQuarantine(segment, failure);
  }

  async #writeQuarantine(segment: string, failure: FailureRecord): Promise<SegmentEnding> {
    const reason = { ...failure, segment, worker: this.#shared.id };
    await quarantineSegment(this.#consumed.store, this.#consumed.source.name, reason);
    return { kind: 'quarantined', failure };
  }
}

function endingOf(failure: WalqError): SegmentEnding {
  if (failure.code === 'segment-not-flushed') return { kind: 'dropped', why: 'not-flushed' };
  // Quarantining it would leave a record in the archive for every invented name.
  if (failure.code === 'no-segment') return { kind: 'dropped', why: 'no-segment' };
  if (failure.code === 'below-prune-floor') return { kind: 'dropped', why: 'below-floor' };
  if (failure.code === 'cancelled') return { kind: 'released', failure: toFailureRecord(failure) };
  const kind = failure.class === 'permanent' ? 'quarantined' : 'retried';
  return { kind, failure: toFailureRecord(failure) };
}
