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
  /Connection is closed|Socket timeout|Stream isn't writeable|connection close|max retries per request|^LOADING|sentinel/i;

/** True for a failure to reach Redis, as opposed to an answer of Redis that is an error. */
export function isConnectionError(error: Error): boolean {
  if ('code' in error && typeof error.code === 'string' && connectionCodes.has(error.code))
    return true;
  if (error.name === 'DeadlineError') return true;
  return connectionMessages.test(error.message);
}

/** True when Redis refuses to write because its memory is full. */
export const isOutOfMemory = (error: Error): boolean => /^OOM |\bOOM command/.test(error.message);
