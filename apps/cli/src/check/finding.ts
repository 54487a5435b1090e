import { asWalqError } from '@walq/wal-core';

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

/** Looks, and makes what was thrown a finding. */
export async function finding(
  subject: Subject,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    const { code, message, hint } = asWalqError(error);
    return [{ ...subject, state: 'failed', message, code, hint }];
  }
}
