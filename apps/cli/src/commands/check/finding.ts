import { asWalqError, WalqError, withNames } from '@walq/wal-core/internal';
import { answeredWithin } from '../../deadlines/unanswered.ts';

/** The result of one check. */
export interface Finding {
  readonly check: 'configuration' | 'redis' | 'archive' | 'source' | 'dashboard';
  /** A file, a URL or the name of a source. */
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'failed';
  readonly message: string;
  readonly code?: string;
  readonly hint?: string;
}

export type Subject = Pick<Finding, 'check' | 'name'>;

export const ok = (subject: Subject, message: string): Finding => ({
  ...subject,
  state: 'ok',
  message,
});

export const warning = (subject: Subject, message: string, hint?: string): Finding => ({
  ...subject,
  state: 'warning',
  message,
  ...(hint === undefined ? {} : { hint }),
});

const ANSWER_MS = 60_000;

/** Runs a check; an error, and no answer in time, become a failed finding. `waitMs` is how long the check itself waits. */
export async function finding(
  subject: Subject,
  check: () => Promise<readonly Finding[]>,
  waitMs = 0,
): Promise<readonly Finding[]> {
  const timeoutMs = ANSWER_MS + waitMs;
  const late = (): WalqError =>
    new WalqError('timed-out', {
      message: `the check of ${subject.check} ${subject.name} did not finish within ${timeoutMs / 1_000} s`,
      hint: 'Check its disk, mount or server: one of them does not answer.',
    });
  try {
    return await answeredWithin(timeoutMs, late, check);
  } catch (error) {
    const failure = subject.check === 'source' ? withNames(error, { source: subject.name }) : error;
    const { code, message, hint } = asWalqError(failure);
    return [{ ...subject, state: 'failed', message, code, hint }];
  }
}
