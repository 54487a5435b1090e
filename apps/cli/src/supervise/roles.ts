/** Runs walq's roles as children of another command. */
import { fileURLToPath } from 'node:url';
import type { ChildListener, ChildSpec } from './run-child.ts';
import { superviseAll } from './supervised.ts';

const walq = fileURLToPath(new URL('../../bin/walq.js', import.meta.url));

/** The role runs with this process's Node, command and configuration. */
export function roleSpec(
  name: string,
  args: readonly string[],
  options: {
    readonly configPath: string | undefined;
    readonly env?: ChildSpec['env'];
  },
): ChildSpec {
  const config = options.configPath === undefined ? [] : ['--config', options.configPath];
  return {
    name,
    command: process.execPath,
    args: [...process.execArgv, walq, ...args, ...config],
    ...(options.env === undefined ? {} : { env: options.env }),
  };
}

interface WithWorkersOptions {
  /** Number of worker processes. */
  readonly workers: number;
  readonly configPath: string;
  /** Names the Redis. */
  readonly env: NonNullable<ChildSpec['env']>;
  readonly listener: ChildListener;
  readonly signal: AbortSignal;
}

/** Stops the workers when the work is done. Rejects without waiting for the work when a worker cannot run. */
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
