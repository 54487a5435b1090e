import type { ChildListener, ChildSpec } from './child-spec.ts';
import { roleSpec } from './role-spec.ts';
import { superviseAll } from './supervise-all.ts';

export interface WithWorkersOptions {
  /** How many processes. */
  readonly workers: number;
  readonly configPath: string;
  /** Where Redis is. */
  readonly env: NonNullable<ChildSpec['env']>;
  readonly listener: ChildListener;
  readonly signal: AbortSignal;
}

/** Ends the workers when the work is done, and the work when a worker cannot run. */
export async function withWorkers<T>(
  { workers, configPath, env, listener, signal }: WithWorkersOptions,
  work: () => Promise<T>,
): Promise<T> {
  const specs = Array.from({ length: workers }, (_, index) =>
    roleSpec(`worker-${index + 1}`, ['worker'], {
      configPath,
      env: { ...env, WALQ_METRICS__LISTEN: 'off' },
    }),
  );
  const done = new AbortController();
  const running = superviseAll(specs, listener, AbortSignal.any([signal, done.signal]));
  try {
    return await Promise.race([work(), onlyFailure(running)]);
  } finally {
    done.abort();
    await running;
  }
}

const onlyFailure = async (running: Promise<void>): Promise<never> => {
  await running;
  return new Promise<never>(() => undefined);
};
