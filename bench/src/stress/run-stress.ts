/** The whole measurement behind `walq stress`. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { StressRun } from './engine-process.ts';
import { stressModes, type StressMode } from './mode.ts';
import { prepareStressPlace, type ArchivingSettings } from './prepare-place.ts';
import { runEngine } from './run-engine.ts';
import type { StressReport } from './stress-report.ts';
import { summarizeStress, type StressRuns } from './summarize-stress.ts';
import type { Workload } from './workload.ts';

export interface StressRequest extends ArchivingSettings {
  readonly workload: Workload;
  readonly rounds: number;
  /** An empty directory; what is made in it is gone afterwards. */
  readonly root: string;
  /** Tells the producer where Redis is; `undefined` takes a variable of this process away. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Does the work while a worker process of this configuration runs. */
  readonly withWorker: <T>(configPath: string, work: () => Promise<T>) => Promise<T>;
  /** Told how many measurements there will be. */
  readonly onStart: (measurements: number) => void;
  /** Told after each of them. */
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
