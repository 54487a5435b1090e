import { asWalqError, WalqError, withNames } from '@walq/wal-core/internal';
import { answeredWithin } from '../../deadlines/unanswered.ts';

/** The result of looking at one thing. */
export interface Finding {
  readonly check: 'configuration' | 'redis' | 'archive' | 'source' | 'dashboard';
  /** Which one: a file, a URL or a source's name. */
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

/** Looks, and makes what was thrown a finding; also that nothing answers. `waitMs`: what the look waits for anyway. */
export async function finding(
  subject: Subject,
  look: () => Promise<readonly Finding[]>,
  waitMs = 0,
): Promise<readonly Finding[]> {
  const timeoutMs = ANSWER_MS + waitMs;
  const late = (): WalqError =>
    new WalqError('timed-out', {
      message: `checking ${subject.check} ${subject.name} has not ended within ${timeoutMs / 1_000} s`,
      hint: 'Look for a disk, a mount or a server that does not answer.',
    });
  try {
    return await answeredWithin(timeoutMs, late, look);
  } catch (error) {
    const failure = subject.check === 'source' ? withNames(error, { source: subject.name }) : error;
    const { code, message, hint } = asWalqError(failure);
    return [{ ...subject, state: 'failed', message, code, hint }];
  }
}
