/** Logs one summary line every ten seconds while a worker archives, and one when it becomes idle. */
import { LogThrottle, type JobEvent } from '@walq/archive-queue';
import { logBatch, summarize, type SegmentReport } from '@walq/wal-core/internal';
import type { Logger } from 'pino';

const LINE_EVERY_MS = 10_000;
/** A worker without a job for this long is idle. */
const IDLE_AFTER_MS = 1_000;

export class ActivityLog {
  readonly #logger: Logger;
  readonly #retries = new LogThrottle();
  #reports: SegmentReport[] = [];
  #sinceMs: number | undefined;
  #lastMs = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(logger: Logger) {
    this.#logger = logger;
    this.#timer = setInterval(() => this.#poll(), IDLE_AFTER_MS);
    this.#timer.unref();
  }

  note(event: JobEvent): void {
    const nowMs = performance.now();
    this.#logEvent(event);
    const report = reportOf(event);
    if (report === undefined) return;
    this.#sinceMs ??= nowMs - report.durationMs;
    this.#lastMs = nowMs;
    this.#reports.push(report);
  }

  /** Logs the last summary. */
  close(): void {
    clearInterval(this.#timer);
    this.#logSummary();
  }

  #poll(): void {
    const nowMs = performance.now();
    const isDue = nowMs - (this.#sinceMs ?? nowMs) >= LINE_EVERY_MS;
    const isIdle = this.#reports.length > 0 && nowMs - this.#lastMs >= IDLE_AFTER_MS;
    if (isDue || isIdle) this.#logSummary();
  }

  #logSummary(): void {
    if (this.#sinceMs === undefined) return;
    logBatch(this.#logger, summarize(this.#reports, Math.round(this.#lastMs - this.#sinceMs)));
    this.#reports = [];
    this.#sinceMs = undefined;
  }

  #logEvent(event: JobEvent): void {
    const { source, segment, kind } = event;
    if (kind === 'quarantined') {
      const { code, message, hint } = event.failure;
      this.#logger.error({ source, segment, code, hint }, `segment quarantined: ${message}`);
    } else this.#logger.debug(event, `segment ${kind}`);
    if (kind === 'retried') this.#logRetry(event);
  }

  /** At most one line per minute for each source and failure. */
  #logRetry({ source, segment, failure }: JobEvent & { readonly kind: 'retried' }): void {
    const { code, message, hint } = failure;
    if (isLoggedElsewhere(code)) return;
    const suppressed = this.#retries.admit(`${source} ${code}`);
    if (suppressed === undefined) return;
    const more = { source, segment, code, hint, suppressed };
    this.#logger.warn(more, `retrying segment: ${message}`);
  }
}

/** The report of a finished segment; undefined if its job has not ended, because it is retried or was returned. */
function reportOf(event: JobEvent): SegmentReport | undefined {
  if (event.kind === 'archived') return event.report;
  if (event.kind !== 'quarantined') return undefined;
  const outcome = event.failure.code === 'duplicate' ? 'duplicate' : 'quarantined';
  return { segment: event.segment, bytesIn: 0, bytesOut: 0, durationMs: 0, outcome };
}

/** Failures of a whole archive or source are logged once, by their breaker or probe. */
const isLoggedElsewhere = (code: string): boolean =>
  code.startsWith('store-') || code === 'source-unavailable';
