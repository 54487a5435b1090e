import { isWalqError, type WalqError } from '@walq/wal-core/internal';

const connectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);

const connectionMessages =
  /Connection is closed|Socket timeout|Stream isn't writeable|connection (was )?close|max retries per request|sentinel/i;

/** True for a failure to reach a Redis that takes jobs, as opposed to any other answer that is an error. */
export function isConnectionError(error: Error): boolean {
  if ('code' in error && typeof error.code === 'string' && connectionCodes.has(error.code))
    return true;
  if (isDeadline(error) || isRoleChange(error)) return true;
  return connectionMessages.test(error.message);
}

/** True where no answer came in time; whether the command was done is not known. */
export const isDeadline = (error: Error): boolean =>
  error.name === 'DeadlineError' || error.message === 'Command timed out';

/**
 * True for what a server answers that is no primary (any more) or not yet: a command that was refused so was
 * not done. Before Redis 7, scripts wrap the answer in words of their own.
 */
export const isRoleChange = (error: Error): boolean =>
  /^(LOADING|MASTERDOWN|UNBLOCKED) |(^|-)READONLY /.test(error.message);

/** True when Redis refuses to write because its memory is full. */
export const isOutOfMemory = (error: Error): boolean => /^OOM |\bOOM command/.test(error.message);

/** True where Redis answers, and refuses to write: whatever the reason, it takes no jobs now. */
export const isRefusal = (error: Error): boolean =>
  isRoleChange(error) ||
  isOutOfMemory(error) ||
  /^(MISCONF|NOREPLICAS|NOPERM|NOAUTH|EXECABORT) |ACL failure|can't run this command/.test(
    error.message,
  );

/** True for whatever Redis is to blame for, as opposed to a source or an archive. */
export const isRedisFailure = (error: unknown): boolean =>
  isWalqError(error, 'redis-unavailable') || isUnsuitable(error);

/** True for a Redis that no waiting makes fit for walq. */
export const isUnsuitable = (error: unknown): error is WalqError =>
  isWalqError(error, 'redis-evicts', 'redis-unsuitable');
