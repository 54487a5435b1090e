import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { EngineOrder, StressRun } from './engine-process.ts';

const entry = fileURLToPath(new URL('engine-process.js', import.meta.url));

/** Runs an engine in a process of its own; ended when this rejects, and when the signal aborts. */
export async function runEngine(
  order: EngineOrder,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<StressRun> {
  signal.throwIfAborted();
  const engine = fork(entry, [], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
    // A Ctrl-C of the terminal reaches it through this process alone.
    detached: true,
  });
  const ended = once(engine, 'exit');
  const kill = () => engine.kill('SIGKILL');
  signal.addEventListener('abort', kill);
  try {
    engine.send(order);
    const failed = ended.then(() => refuse(signal));
    const [run] = (await Promise.race([once(engine, 'message'), failed])) as [StressRun];
    return run;
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
    await ended;
  }
}

function refuse(signal: AbortSignal): never {
  signal.throwIfAborted();
  throw new Error('the engine ended before it was done; its own message stands above');
}
