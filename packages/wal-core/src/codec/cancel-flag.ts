/** An AbortSignal that a busy thread can see: it looks between chunks, where no message could reach it. */
import { WalqError } from '../base/failure/walq-error.ts';

export type CancelFlag = Int32Array<SharedArrayBuffer>;

export const newCancelFlag = (): CancelFlag => new Int32Array(new SharedArrayBuffer(4));

export function throwIfCancelled(flag: CancelFlag): void {
  if (Atomics.load(flag, 0) === 0) return;
  throw new WalqError('cancelled', { message: 'the work was cancelled' });
}

/** Runs work with a flag that follows the signal. */
export async function withCancelFlag<T>(
  signal: AbortSignal,
  run: (flag: CancelFlag) => Promise<T>,
): Promise<T> {
  const flag = newCancelFlag();
  const cancel = () => Atomics.store(flag, 0, 1);
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel);
  try {
    return await run(flag);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
