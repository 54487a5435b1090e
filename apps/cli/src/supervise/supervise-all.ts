import type { ChildListener, ChildSpec } from './child-spec.ts';
import { Supervised, type Pace } from './supervised.ts';

/**
 * Keeps several children running until the signal aborts, then ends all of them; rejects, after having
 * ended the others, when one cannot run at all.
 */
export async function superviseAll(
  specs: readonly ChildSpec[],
  listener: ChildListener,
  signal: AbortSignal,
  pace: Partial<Pace> = {},
): Promise<void> {
  signal.throwIfAborted();
  const children = specs.map((spec) => new Supervised(spec, listener, pace));
  try {
    await Promise.race([aborted(signal), ...children.map((child) => child.ended)]);
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
