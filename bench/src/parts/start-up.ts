/** What it costs to start walq: `walq status` until it ends, `walq worker` until it takes jobs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { environmentOf, type Place } from '../contestants/contestant.ts';
import { median } from '../figures.ts';
import type { SegmentSets } from '../input/segment-sets.ts';
import { withPlace, type BenchSite } from '../measure/measure-rounds.ts';
import { cpuSecondsOf, cpuSecondsOfEnded } from '../measure/process-meter.ts';
import { startWorker } from '../role.ts';

export interface StartUp {
  readonly title: string;
  /** User and system time of its processes. Medians. */
  readonly cpuMs: number;
  readonly wallMs: number;
}

interface Start {
  readonly cpuMs: number;
  readonly wallMs: number;
}

const STARTS = 9;
const STARTS_SHORT = 3;

export const measureStartUp = async (site: BenchSite, sets: SegmentSets): Promise<StartUp[]> =>
  withPlace(site, await sets.get('64KiB'), async (place) => {
    const status: Start[] = [];
    const worker: Start[] = [];
    for (let start = 0; start < (site.short ? STARTS_SHORT : STARTS); start += 1) {
      site.signal.throwIfAborted();
      status.push(await startStatus(place));
      worker.push(await startAWorker(place));
    }
    return [summaryOf('walq status', status), summaryOf('walq worker, ready', worker)];
  });

const summaryOf = (title: string, starts: readonly Start[]): StartUp => ({
  title,
  cpuMs: median(starts.map(({ cpuMs }) => cpuMs)),
  wallMs: median(starts.map(({ wallMs }) => wallMs)),
});

/** It ends with 1 where a source needs attention, as here, where no role is running. */
const STATUS_CODES: readonly unknown[] = [0, 1];

async function startStatus({ walq, configPath, env, signal }: Place): Promise<Start> {
  const beforeSeconds = cpuSecondsOfEnded();
  const startedMs = performance.now();
  const child = spawn(walq, ['status', '--config', configPath], {
    env: { ...environmentOf(env), WALQ_NODE: process.execPath },
    stdio: ['ignore', 'ignore', 'inherit'],
    signal,
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  const wallMs = performance.now() - startedMs;
  if (!STATUS_CODES.includes(code)) throw new Error(`walq status ended with ${code}`);
  return { cpuMs: 1000 * (cpuSecondsOfEnded() - beforeSeconds), wallMs };
}

async function startAWorker({ walq, configPath, env, parallelism }: Place): Promise<Start> {
  const startedMs = performance.now();
  const worker = await startWorker(parallelism, { walq, configPath, env: environmentOf(env) });
  try {
    return { wallMs: performance.now() - startedMs, cpuMs: 1000 * cpuSecondsOf(worker.pid) };
  } finally {
    await worker.stop();
  }
}
