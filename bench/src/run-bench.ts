/** The whole measurement behind `walq bench`. */
import { statfs } from 'node:fs/promises';
import { BenchFailure } from './bench-failure.ts';
import type { InputRequest } from './input/make-input.ts';
import { SegmentSets } from './input/segment-sets.ts';
import { describeMachine, type Machine } from './measure/machine.ts';
import type { BenchSite } from './measure/measure-rounds.ts';
import { latencySteps, measureLatency, type LatencyReport } from './parts/latency.ts';
import { measureMemory, memorySteps, type MemoryReport } from './parts/memory.ts';
import { measurePostgresCalls, type CallCost } from './parts/postgres-calls.ts';
import {
  backlogsOf,
  flushes,
  measureWorkloads,
  workloadSteps,
  type SetReport,
} from './parts/segments.ts';
import { measureStartUp, type StartUp } from './parts/start-up.ts';

export const benchParts = ['segments', 'flushes', 'latency', 'memory', 'commands'] as const;
export type BenchPart = (typeof benchParts)[number];

/** Of an input of the reader's own, only these say something. */
export const ownInputParts: readonly BenchPart[] = ['segments', 'memory'];

interface BenchRequest extends InputRequest, Omit<BenchSite, 'root'> {
  /** An empty directory; what is made in it is gone afterwards. */
  readonly root: string;
  /** Whether the input is the reader's own, and not walq's sets of segments. */
  readonly isOwn: boolean;
  readonly parts: readonly BenchPart[];
  /** Called with the number of measurements. */
  readonly onStart: (measurements: number) => void;
}

export async function runBench(request: BenchRequest): Promise<BenchReport> {
  const { level, parallelism, nice, rounds, seed, short, isOwn, signal } = request;
  try {
    const machine = await describeMachine(request.root, signal);
    const sets = new SegmentSets(request);
    await requireSpace(request.root, await sets.bytesNeeded());
    return {
      at: new Date().toISOString(),
      machine,
      isOwnInput: isOwn,
      isShort: short,
      level,
      parallelism,
      nice,
      rounds,
      seed,
      checksum: 'xxh3-64',
      ...(await measureParts(request, sets, machine)),
    };
  } catch (error) {
    // What failed because all was ended is no news.
    signal.throwIfAborted();
    throw error;
  }
}

/** Start-up and PostgreSQL's calls. */
const COMMANDS_STEPS = 2;

async function measureParts(
  request: BenchRequest,
  sets: SegmentSets,
  machine: Machine,
): Promise<Measured> {
  const has = (part: BenchPart): boolean => request.parts.includes(part);
  const backlogs = backlogsOf(sets, machine);
  const steps: Readonly<Record<BenchPart, number>> = {
    segments: workloadSteps(request, backlogs),
    flushes: workloadSteps(request, flushes),
    latency: latencySteps(request),
    memory: memorySteps(request),
    commands: COMMANDS_STEPS,
  };
  request.onStart(request.parts.reduce((sum, part) => sum + steps[part], 0));
  return {
    segments: has('segments') ? await measureWorkloads(request, sets, backlogs) : [],
    flushes: has('flushes') ? await measureWorkloads(request, sets, flushes) : [],
    latency: has('latency') ? await measureLatency(request, sets) : null,
    memory: has('memory') ? await measureMemory(request, sets) : null,
    startUp: has('commands') ? await measureStartUp(request, sets) : [],
    postgresCalls: has('commands') ? await measurePostgresCalls(request) : [],
  };
}

/** A disk that fills up during a run would count as a failure of a contestant. */
async function requireSpace(root: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(root);
  if (bavail * bsize > needed) return;
  const [free, required] = [bavail * bsize, needed].map((bytes) => Math.round(bytes / 1e6));
  throw new BenchFailure(
    'cannot-measure',
    `${root} has ${free} MB free, but the run needs ${required} MB`,
    'Name another place with --dir, or measure less with --short.',
  );
}

/** What was not asked for is empty or null. */
interface Measured {
  readonly segments: readonly SetReport[];
  readonly flushes: readonly SetReport[];
  readonly latency: LatencyReport | null;
  readonly memory: MemoryReport | null;
  readonly startUp: readonly StartUp[];
  readonly postgresCalls: readonly CallCost[];
}

/** All that was measured, as `--json` prints it. */
export interface BenchReport extends Measured {
  readonly at: string;
  readonly machine: Machine;
  readonly isOwnInput: boolean;
  /** Fewer segments and rounds: the figures are only for a try. */
  readonly isShort: boolean;
  readonly level: number;
  readonly parallelism: number;
  /** Of walq's archiving threads. */
  readonly nice: number;
  readonly rounds: number;
  readonly seed: number;
  /** The source checksum that walq takes and compares. */
  readonly checksum: string;
}
