/** The error of a `withDeadline` that ran out; whether the work was done is not known. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/**
 * Waits for `work`, but no longer than `ms`. Work that is given up goes on unseen: its end, good or
 * bad, is ignored.
 */
export async function withDeadline<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(`${what} took longer than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits for `work`, but no longer than until one of the signals is aborted, and rejects with that
 * signal's own reason then. Work that is given up goes on unseen, so it has to look at the signals too.
 */
export async function unlessAborted<T>(
  work: Promise<T>,
  signals: readonly AbortSignal[],
): Promise<T> {
  const listening = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    for (const signal of signals) {
      const stop = (): void => reject(signal.reason as Error);
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true, signal: listening.signal });
    }
  });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    listening.abort();
  }
}
