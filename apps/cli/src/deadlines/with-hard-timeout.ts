/**
 * The hard timeout of the commands that PostgreSQL waits for. At the deadline the work is cancelled. A disk call that
 * never returns cannot be cancelled, and a normal exit would wait for its thread, so the process then kills itself;
 * the script apps/cli/bin/walq turns that into an exit code.
 */
import { asWalqError, WalqError } from '@walq/wal-core/light';
import { writeSync } from 'node:fs';
import { renderFailure } from '../terminal/render-failure.ts';

export interface HardTimeoutOptions {
  /** The work, for the message. */
  readonly what: string;
  readonly timeoutMs: number;
  readonly json: boolean;
  readonly debug: boolean;
  /** Aborted when the command is interrupted. */
  readonly signal: AbortSignal;
}

/** Time that cancelled work has to finish. */
const GRACE_MS = 1_000;

export async function withHardTimeout<T>(
  options: HardTimeoutOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { timeoutMs, signal } = options;
  const late = tooLate(options, undefined);
  const timeout = new AbortController();
  const asking = setTimeout(() => timeout.abort(late), timeoutMs);
  const ending = setTimeout(() => endNow(options, late), timeoutMs + GRACE_MS);
  try {
    return await work(AbortSignal.any([signal, timeout.signal]));
  } catch (error) {
    throw timeout.signal.aborted ? lateOr(options, asWalqError(error)) : error;
  } finally {
    clearTimeout(asking);
    clearTimeout(ending);
  }
}

/** A failure that no retry can fix is reported directly; a retried one becomes the cause of the time-out. */
function lateOr(options: HardTimeoutOptions, failure: WalqError): WalqError {
  if (failure.class !== 'retryable') return failure;
  return tooLate(options, failure.code === 'cancelled' ? undefined : failure);
}

const tooLate = (
  { what, timeoutMs }: HardTimeoutOptions,
  cause: WalqError | undefined,
): WalqError =>
  new WalqError('timed-out', {
    message: `${what} took longer than ${timeoutMs / 1_000} s${cause ? `: ${cause.message}` : ''}`,
    cause,
    ...(cause && { hint: cause.hint }),
  });

function endNow({ json, debug }: HardTimeoutOptions, late: WalqError): void {
  writeSync(process.stderr.fd, `${renderFailure(late, { json, debug })}\n`);
  process.kill(process.pid, 'SIGKILL');
}
