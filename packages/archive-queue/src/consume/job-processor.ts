/**
 * Runs one job of a source. The payload is not trusted: anyone who can write to Redis may have made it up.
 *
 *   parse ─▶ archive ─▶ record ─▶ end
 *
 *   ending        what happened                                       what BullMQ does with the job
 *   archived      the segment is in the archive                       completed
 *   dropped       foreign job, not flushed, or no such segment        completed; reconciling adds it again if due
 *   released      shutdown, lost lease, paused worker, failing archive  head of the queue, not counted as an attempt
 *   retried       retryable failure                                   delayed with backoff
 *   missing       neither at the source nor in the archive            delayed until the next search
 *   quarantined   permanent failure, recorded durably                 failed for good
 */
import {
  archiveOne,
  asWalqError,
  fromFailureRecord,
  isAtSource,
  isWalqError,
  listQuarantine,
  quarantineSegment,
  toFailureRecord,
  WalqError,
  withNames,
  type FailureRecord,
} from '@walq/wal-core/internal';
import type { Job } from 'bullmq';
import { DelayedError, UnrecoverableError, WaitingError } from '../bullmq.ts';
import { parseJob, type ArchiveJob } from '../job/archive-job.ts';
import type { JobEnding, JobOutcome } from '../job/job-ending.ts';
import { withDeadline } from '../deadline.ts';
import { waitMsOf } from '../queue/completed-jobs.ts';
import type { ConsumedSource, SharedParts } from './consumer-options.ts';
import { MissingSegments } from './missing-segments.ts';
import type { LeasedJob, PauseReason } from './queue-worker.ts';
import { isStoreFailure } from './store-breaker.ts';

/** The source worker whose jobs these are. */
export interface JobOwner {
  /** Why the worker is paused; empty while it takes jobs. */
  readonly pauseReasons: ReadonlySet<PauseReason>;
  /** Checks the source now instead of at the next interval. */
  pollNow(): void;
}

/** Two stalls may be caused by another segment in the same worker; from then on the segment runs alone. */
const SUSPECT_STALLS = 2;
/** If Redis is down when a job is returned to the queue, the job's lock expires instead. */
const RETURN_MAX_MS = 1_500;
/** Keeps the second search from running slightly too early. */
const SEARCH_MARGIN_MS = 20;
/** Per failure code. Further absent segments get no record of their own; the gaps show them. */
const ABSENT_RECORDS_MAX = 100;

export class JobProcessor {
  readonly #shared: SharedParts;
  readonly #consumed: ConsumedSource;
  readonly #owner: JobOwner;
  readonly #missing = new MissingSegments();
  /** Absent segments are recorded one after another, because each one first counts the records there are. */
  #absentRecorded: Promise<unknown> = Promise.resolve();

  constructor(shared: SharedParts, consumed: ConsumedSource, owner: JobOwner) {
    this.#shared = shared;
    this.#consumed = consumed;
    this.#owner = owner;
  }

  /** Returns the job's result, or throws the error that makes BullMQ end the job as the table above says. */
  async process(job: Job, leased: LeasedJob): Promise<JobOutcome> {
    const ending = await this.#record(job, await this.#attempt(job, leased));
    this.#report(job, ending);
    switch (ending.kind) {
      case 'archived':
        return ending.report;
      case 'dropped':
        return { outcome: 'dropped', why: ending.why };
      case 'quarantined':
        throw new UnrecoverableError(ending.failure.message);
      case 'released':
        return this.#returnToQueue(job, leased);
      case 'missing':
        return this.#postpone(job, leased);
      case 'retried':
        return this.#retry(job, leased, ending.failure);
    }
  }

  async #attempt(job: Job, leased: LeasedJob): Promise<JobEnding> {
    // A worker that is paused while it waits for a job may still get one.
    const [paused] = this.#owner.pauseReasons;
    if (paused !== undefined) return endingOf(released(paused));
    const parsed = parseJob(job.data, leased.sourceId);
    if (typeof parsed === 'string') return { kind: 'dropped', why: parsed };
    const { archiver, suspects } = this.#shared;
    const stalls = job.stalledCounter - (parsed.stallsSurvived ?? 0);
    const isSuspect = stalls >= SUSPECT_STALLS;
    if (isSuspect && parsed.startedAlone === true && (await this.#isAtSource(parsed.segment))) {
      return this.#quarantined(parsed, workerStalled(parsed, stalls));
    }
    const signal = withReason(leased.signal);
    const done = await (isSuspect ? suspects.exclusive() : suspects.shared());
    let failure: WalqError;
    try {
      signal.throwIfAborted();
      if (isSuspect) await job.updateData({ ...parsed, startedAlone: true });
      const { lease } = leased;
      const options = { signal, lease };
      const report = await archiveOne(archiver, this.#consumed.source, parsed.segment, options);
      this.#missing.forget(parsed.segment);
      return {
        kind: 'archived',
        report,
        waitMs: waitMsOf(job.processedOn ?? Date.now(), job.timestamp),
      };
    } catch (error) {
      failure = signal.aborted ? cancelled(error) : asWalqError(error);
    } finally {
      done();
    }
    return this.#failed(parsed, failure);
  }

  async #failed(job: ArchiveJob, failure: WalqError): Promise<JobEnding> {
    if (failure.code === 'source-missing') return this.#notFound(job, failure);
    // The search for a segment whose job was returned to the queue did not finish.
    if (failure.code !== 'cancelled') this.#missing.forget(job.segment);
    // This failure comes before any search. An invented name must not leave a record in the archive.
    const isMadeUp =
      failure.code === 'segment-name-refused' && !(await this.#isAtSource(job.segment));
    return isMadeUp ? { kind: 'dropped', why: 'no-segment' } : endingOf(failure);
  }

  /** A segment is lost if this worker twice did not find it, far enough apart that no slow mount explains it. */
  #notFound(job: ArchiveJob, failure: WalqError): JobEnding {
    if (this.#missing.missingForMs(job.segment) < this.#shared.missingMs)
      return { kind: 'missing', failure: toFailureRecord(failure) };
    const lost = new WalqError('segment-lost', { message: failure.message, cause: failure });
    return this.#quarantined(job, lost);
  }

  /** Fills the names of this job into the hint, as the pipeline does for its own failures. */
  #quarantined({ segment }: ArchiveJob, failure: WalqError): JobEnding {
    const named = withNames(failure, { source: this.#consumed.source.name, segment });
    return { kind: 'quarantined', failure: toFailureRecord(named) };
  }

  /** The quarantine record is durable before the job ends. If the archive cannot take it, the job is retried. */
  async #record(job: Job, ending: JobEnding): Promise<JobEnding> {
    const breaker = this.#shared.breakers.of(this.#consumed.store);
    if (ending.kind === 'archived') breaker.succeeded();
    if (ending.kind === 'quarantined') return this.#quarantine(segmentOf(job), ending.failure);
    if (ending.kind !== 'retried') return ending;
    const failure = fromFailureRecord(ending.failure);
    if (!isStoreFailure(failure) || breaker.failed(failure)) return ending;
    return { kind: 'released', failure: ending.failure };
  }

  async #quarantine(segment: string, failure: FailureRecord): Promise<JobEnding> {
    try {
      if (await this.#isAtSource(segment)) return await this.#writeQuarantine(segment, failure);
      const recorded = this.#absentRecorded.then(() => this.#quarantineAbsent(segment, failure));
      // A failure here belongs to this job; the next one must not inherit it.
      this.#absentRecorded = recorded.catch(() => undefined);
      return await recorded;
    } catch (error) {
      return { kind: 'retried', failure: toFailureRecord(asWalqError(error)) };
    }
  }

  async #quarantineAbsent(segment: string, failure: FailureRecord): Promise<JobEnding> {
    const { store, source } = this.#consumed;
    const records = await listQuarantine(store, source.name);
    const alike = records.filter(({ code }) => code === failure.code).length;
    if (alike >= ABSENT_RECORDS_MAX) return { kind: 'dropped', why: 'absent-like-others' };
    return this.#writeQuarantine(segment, failure);
  }

  async #writeQuarantine(segment: string, failure: FailureRecord): Promise<JobEnding> {
    const reason = { ...failure, segment, worker: this.#shared.id };
    await quarantineSegment(this.#consumed.store, this.#consumed.source.name, reason);
    return { kind: 'quarantined', failure };
  }

  #report(job: Job, ending: JobEnding): void {
    if ('failure' in ending && ending.failure.code === 'source-unavailable') this.#owner.pollNow();
    this.#shared.note({ ...ending, source: this.#consumed.source.name, segment: segmentOf(job) });
  }

  async #returnToQueue(job: Job, leased: LeasedJob): Promise<never> {
    const returning = async (): Promise<void> => {
      await outlive(job, leased);
      await job.moveToWait(leased.token);
    };
    try {
      await withDeadline(returning(), RETURN_MAX_MS, `returning ${segmentOf(job)} to the queue`);
    } catch (error) {
      const what = `could not return the job of segment ${segmentOf(job)} to the queue; it returns when its lock expires`;
      this.#shared.errors.report(asWalqError(error), what);
    }
    throw new WaitingError();
  }

  async #postpone(job: Job, { token }: LeasedJob): Promise<never> {
    await job.moveToDelayed(Date.now() + this.#shared.missingMs + SEARCH_MARGIN_MS, token);
    throw new DelayedError();
  }

  async #retry(job: Job, leased: LeasedJob, failure: FailureRecord): Promise<never> {
    await outlive(job, leased);
    throw fromFailureRecord(failure);
  }

  /** False also if the source cannot be read. */
  async #isAtSource(name: string): Promise<boolean> {
    const { source } = this.#consumed;
    const segment = source.naming.parse(name);
    if (segment === undefined) return false;
    return isAtSource(this.#shared.disk, source, segment).catch(() => false);
  }
}

function endingOf(failure: WalqError): JobEnding {
  if (failure.code === 'segment-not-flushed') return { kind: 'dropped', why: 'not-flushed' };
  // Quarantining it would leave a record in the archive for every invented name.
  if (failure.code === 'no-segment') return { kind: 'dropped', why: 'no-segment' };
  if (failure.code === 'below-prune-floor') return { kind: 'dropped', why: 'below-floor' };
  if (failure.code === 'cancelled') return { kind: 'released', failure: toFailureRecord(failure) };
  const kind = failure.class === 'permanent' ? 'quarantined' : 'retried';
  return { kind, failure: toFailureRecord(failure) };
}

/** A worker that finishes an attempt has survived the stalls counted before. */
async function outlive(job: Job, { sourceId }: LeasedJob): Promise<void> {
  const data = parseJob(job.data, sourceId);
  if (typeof data === 'string' || job.stalledCounter === (data.stallsSurvived ?? 0)) return;
  await job.updateData({ ...data, stallsSurvived: job.stalledCounter, startedAlone: false });
}

/** BullMQ aborts with a text; the pipeline needs a failure that it can pass on. */
function withReason(signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort(released(String(signal.reason)));
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return controller.signal;
}

const released = (why: string): WalqError =>
  new WalqError('cancelled', { message: `returned to the queue: ${why}` });

const cancelled = (cause: unknown): WalqError =>
  isWalqError(cause, 'cancelled')
    ? cause
    : new WalqError('cancelled', { message: 'the archiving was stopped', cause });

const workerStalled = ({ segment }: ArchiveJob, stalls: number): WalqError =>
  new WalqError('worker-stalled', {
    message: `${stalls} workers died while they archived segment ${segment}`,
  });

const segmentOf = (job: Job): string => {
  const data: unknown = job.data;
  const named = typeof data === 'object' && data !== null && 'segment' in data;
  return named && typeof data.segment === 'string' ? data.segment : (job.id ?? '?');
};
