/**
 * Runs one job of a source: a batch of segments, each with an ending of its own. The payload is not trusted: anyone who
 * can write to Redis may have made it up.
 *
 *   parse ─▶ archive ─▶ record ─▶ end
 *
 *   ending        what happened to a segment                            its job, if it has one alone   in a larger batch
 *   archived      it is in the archive                                  completed                      done
 *   dropped       foreign job, not flushed, or no such segment          completed                      done
 *   quarantined   permanent failure, recorded durably                   failed for good                done
 *   released      shutdown, lost lease, paused worker, failing archive  head of the queue              stays in the job
 *   retried       retryable failure                                     delayed with backoff           a delayed job alone
 *   missing       neither at the source nor in the archive              delayed until the next search  a delayed job alone
 *
 * Reconciling adds a dropped segment again if it is due. A larger batch ends when all of its segments have ended:
 *
 *   none released       completed
 *   some released       without the others, to the head of the queue, not counted as an attempt
 *   its worker died     not run: each segment gets a job alone at the head of the queue, and the batch is completed. So
 *                       only the segment that killed the worker is suspected further
 *
 * A job alone is added before the batch ends. If Redis fails in between, both are there, which is harmless; if Redis does
 * not take it, the segment is due and has no job, as after any loss of jobs.
 */
import {
  asWalqError,
  fromFailureRecord,
  isWalqError,
  toFailureRecord,
  WalqError,
  type FailureRecord,
  type SegmentResult,
} from '@walq/wal-core/internal';
import type { Job } from 'bullmq';
import { DelayedError, UnrecoverableError, WaitingError } from '../bullmq.ts';
import { parseJob, type ArchiveJob, type BatchSegment } from '../job/archive-job.ts';
import { resultOf, type EndedSegment, type JobResult } from '../job/job-ending.ts';
import { withDeadline } from '../deadline.ts';
import type { ArchiveQueue } from '../queue/archive-queue.ts';
import type { ConsumedSource, SharedParts } from './consumer-options.ts';
import { aloneOf, isAlone, rewrite, stallsOf, survive, type HeldBatch } from './held-batch.ts';
import type { LeasedJob, PauseReason } from './queue-worker.ts';
import { retryDelayMs } from './retry-delay.ts';
import { SegmentEndings } from './segment-endings.ts';

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

export class JobProcessor {
  readonly #shared: SharedParts;
  readonly #consumed: ConsumedSource;
  readonly #queue: ArchiveQueue;
  readonly #owner: JobOwner;
  readonly #endings: SegmentEndings;
  #active = 0;

  constructor(shared: SharedParts, consumed: ConsumedSource, queue: ArchiveQueue, owner: JobOwner) {
    this.#shared = shared;
    this.#consumed = consumed;
    this.#queue = queue;
    this.#owner = owner;
    this.#endings = new SegmentEndings(shared, consumed);
  }

  /** Segments of the jobs in progress. */
  get active(): number {
    return this.#active;
  }

  /** Returns the job's result, or throws the error that makes BullMQ end the job as the tables above say. */
  async process(job: Job, leased: LeasedJob): Promise<JobResult> {
    const batch = parseJob(job.data, leased.sourceId);
    if (typeof batch === 'string') {
      return this.#report([{ segment: job.id ?? '?', ending: { kind: 'dropped', why: batch } }]);
    }
    this.#active += batch.segments.length;
    try {
      return await this.#processBatch({ ...leased, job, batch });
    } finally {
      this.#active -= batch.segments.length;
    }
  }

  async #processBatch(held: HeldBatch): Promise<JobResult> {
    // A worker that is paused while it waits for a job may still get one.
    const [paused] = this.#owner.pauseReasons;
    if (paused !== undefined) return this.#end(held, held.batch.segments.map(releasedAs(paused)));
    if (stallsOf(held) > 0 && !isAlone(held)) return this.#split(held);
    return this.#end(held, await this.#run(held));
  }

  async #run(held: HeldBatch): Promise<EndedSegment[]> {
    const { segments, startedAlone } = held.batch;
    const stalls = stallsOf(held);
    const isSuspect = stalls >= SUSPECT_STALLS;
    const [{ segment } = { segment: '' }] = segments;
    if (isSuspect && startedAlone === true && (await this.#endings.isAtSource(segment))) {
      return [{ segment, ending: await this.#endings.stalled(segment, stalls) }];
    }
    const run = this.#segmentsToRun(held.batch);
    const results = await this.#archive(held, run, isSuspect);
    const takenAt = held.job.processedOn ?? Date.now();
    const ended: EndedSegment[] = [];
    for (const [index, { sealedAt }] of run.entries()) {
      const result = results[index];
      if (result === undefined) throw new TypeError('a segment has no result');
      const ending = await this.#endings.of(result, Math.max(0, takenAt - sealedAt));
      ended.push({ segment: result.segment, ending });
    }
    const others = segments.slice(run.length);
    return [...ended, ...others.map(releasedAs('the archive is tested with one segment first'))];
  }

  /** One segment shows whether an archive that failed works again. */
  #segmentsToRun({ segments }: ArchiveJob): readonly BatchSegment[] {
    const isTest = this.#shared.breakers.of(this.#consumed.store).state === 'half-open';
    return isTest ? segments.slice(0, 1) : segments;
  }

  async #archive(
    held: HeldBatch,
    run: readonly BatchSegment[],
    isSuspect: boolean,
  ): Promise<readonly SegmentResult[]> {
    const { archiver, suspects } = this.#shared;
    const names = run.map(({ segment }) => segment);
    const signal = withReason(held.signal);
    const failed = (error: unknown): WalqError =>
      signal.aborted ? cancelled(error) : asWalqError(error);
    const done = await (isSuspect ? suspects.exclusive() : suspects.shared());
    try {
      signal.throwIfAborted();
      if (isSuspect) await rewrite(held, { ...held.batch, startedAlone: true }, this.#queue);
      const { finish, lease } = held;
      const options = { signal, finish, lease };
      const results = await archiver.archive(this.#consumed.source, names, options);
      return results.map((result) =>
        result.failure === undefined ? result : { ...result, failure: failed(result.failure) },
      );
    } catch (error) {
      return names.map((segment) => ({ segment, failure: failed(error) }));
    } finally {
      done();
    }
  }

  async #end(held: HeldBatch, ended: readonly EndedSegment[]): Promise<JobResult> {
    const result = this.#report(ended);
    const rest = held.batch.segments.filter((_, index) => ended[index]?.ending.kind === 'released');
    const [only] = ended;
    if (isAlone(held) && only !== undefined) await this.#endAlone(held, only);
    else await this.#addAgain(held.batch, ended);
    return rest.length === 0 ? result : this.#returnToQueue(held, rest);
  }

  async #endAlone(held: HeldBatch, { ending }: EndedSegment): Promise<void> {
    if (ending.kind === 'quarantined') throw new UnrecoverableError(ending.failure.message);
    if (ending.kind === 'missing') {
      await held.job.moveToDelayed(Date.now() + this.#searchDelayMs, held.token);
      throw new DelayedError();
    }
    if (ending.kind !== 'retried') return;
    await survive(held, held.batch.segments, this.#queue);
    throw fromFailureRecord(ending.failure);
  }

  /** Gives each segment of a batch that is tried again later a job of its own. */
  async #addAgain(batch: ArchiveJob, ended: readonly EndedSegment[]): Promise<void> {
    const again = batch.segments.flatMap((segment, index) => {
      const delayMs = this.#delayMsOf(ended[index]);
      return delayMs === undefined ? [] : [[aloneOf(batch, segment), delayMs] as const];
    });
    if (again.length === 0) return;
    try {
      const adding = this.#queue.addDelayed(again);
      await withDeadline(adding, RETURN_MAX_MS, 'adding jobs of single segments');
    } catch (error) {
      const what = `could not delay ${again.length} segments of a batch; they are due and are enqueued again`;
      this.#shared.errors.report(asWalqError(error), what);
    }
  }

  #delayMsOf(ended: EndedSegment | undefined): number | undefined {
    if (ended?.ending.kind === 'missing') return this.#searchDelayMs;
    if (ended?.ending.kind !== 'retried') return undefined;
    return retryDelayMs(fromFailureRecord(ended.ending.failure), 1);
  }

  get #searchDelayMs(): number {
    return this.#shared.missingMs + SEARCH_MARGIN_MS;
  }

  /** Not run: with another death of a worker, each segment would count a stall that one of them causes. */
  async #split(held: HeldBatch): Promise<JobResult> {
    const { batch } = held;
    const stallsBefore = stallsOf(held);
    const alone = batch.segments.map((segment) => ({ ...aloneOf(batch, segment), stallsBefore }));
    await this.#queue.addAtHead(alone);
    return this.#report(batch.segments.map(releasedAs('a worker died with its batch')));
  }

  async #returnToQueue(held: HeldBatch, rest: readonly BatchSegment[]): Promise<never> {
    const returning = async (): Promise<void> => {
      await survive(held, rest, this.#queue);
      await held.job.moveToWait(held.token);
    };
    try {
      await withDeadline(returning(), RETURN_MAX_MS, `returning job ${held.job.id} to the queue`);
    } catch (error) {
      const what = `could not return the job of segment ${rest[0]?.segment} to the queue; it returns when its lock expires`;
      this.#shared.errors.report(asWalqError(error), what);
    }
    throw new WaitingError();
  }

  #report(ended: readonly EndedSegment[]): JobResult {
    const { name: source } = this.#consumed.source;
    const isAway = ended.some(({ ending }) => failureOf(ending)?.code === 'source-unavailable');
    if (isAway) this.#owner.pollNow();
    for (const { segment, ending } of ended) this.#shared.note({ ...ending, source, segment });
    return resultOf(ended);
  }
}

const failureOf = (ending: EndedSegment['ending']): FailureRecord | undefined =>
  'failure' in ending ? ending.failure : undefined;

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

const releasedAs =
  (why: string) =>
  ({ segment }: BatchSegment): EndedSegment => ({
    segment,
    ending: { kind: 'released', failure: toFailureRecord(released(why)) },
  });

const cancelled = (cause: unknown): WalqError =>
  isWalqError(cause, 'cancelled')
    ? cause
    : new WalqError('cancelled', { message: 'the archiving was stopped', cause });
