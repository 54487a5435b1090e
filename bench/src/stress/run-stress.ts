/** The whole measurement behind `walq stress`. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EngineOrder, StressRun } from './engine-process.ts';
import { summarizeStress, type StressReport, type StressRuns } from './stress-report.ts';
import {
  prepareStressPlace,
  stressModes,
  type ArchivingSettings,
  type StressMode,
  type Workload,
} from './workload.ts';

export interface StressRequest extends ArchivingSettings {
  readonly workload: Workload;
  readonly rounds: number;
  /** An empty directory; what is made in it is gone afterwards. */
  readonly root: string;
  /** The environment of the producer, with its Redis; `undefined` removes a variable of this process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Does the work while a worker process of this configuration runs. */
  readonly withWorker: <T>(configPath: string, work: () => Promise<T>) => Promise<T>;
  /** Called with the number of measurements. */
  readonly onStart: (measurements: number) => void;
  /** Called after each measurement. */
  readonly onMeasured: () => void;
}

export async function runStress(request: StressRequest): Promise<StressReport> {
  const { workload, rounds, parallelism, nice } = request;
  const runs: StressRuns = { off: [], synchronous: [], 'in-process': [], queued: [] };
  request.onStart(rounds * stressModes.length);
  for (let round = 0; round < rounds; round += 1) {
    for (const mode of inTurn(round)) runs[mode].push(await runMode(request, mode));
  }
  return {
    at: new Date().toISOString(),
    ...workload,
    rounds,
    parallelism,
    nice,
    ...summarizeStress(runs),
  };
}

/** Every mode is the first of a round in its turn: what goes before is not the same for all. */
const inTurn = (round: number): StressMode[] =>
  stressModes.map((_, at) => stressModes[(at + round) % stressModes.length] ?? 'off');

async function runMode(request: StressRequest, mode: StressMode): Promise<StressRun> {
  const { workload, signal, withWorker, env } = request;
  const root = join(request.root, 'place');
  try {
    const configPath = await prepareStressPlace(root, request);
    const run = () => runEngine({ mode, configPath, root, workload }, env, signal);
    return await (mode === 'queued' ? withWorker(configPath, run) : run());
  } finally {
    await rm(root, { recursive: true, force: true });
    request.onMeasured();
  }
}

const entry = fileURLToPath(new URL('engine-process.js', import.meta.url));

/** Runs an engine in a process of its own; ended when this rejects, and when the signal aborts. */
async function runEngine(
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
