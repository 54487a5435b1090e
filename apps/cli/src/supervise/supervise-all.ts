import type { ChildListener, ChildSpec } from './child-spec.ts';
import { Supervised } from './supervised.ts';

/**
 * Keeps several children running until the signal aborts, then ends all of them; rejects, after having
 * ended the others, when one cannot run at all.
 */
export async function superviseAll(
  specs: readonly ChildSpec[],
  listener: ChildListener,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const children = specs.map((spec) => new Supervised(spec, listener));
  try {
    await Promise.race([aborted(signal), ...children.map((child) => child.ended)]);
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
