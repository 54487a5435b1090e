/** The whole measurement behind `walq bench`. */
import { statfs } from 'node:fs/promises';
import { BenchFailure } from './bench-failure.ts';
import type { Contestant } from './contestants/contestant.ts';
import { cleanupUpTo, cleanupUpToSync } from './contestants/in-process.ts';
import { queueWithWorkers } from './contestants/queue.ts';
import { pgBackRest, zstdTool } from './contestants/tools.ts';
import { bytesOf, type Input } from './input/input.ts';
import { makeInput, type InputRequest } from './input/make-input.ts';
import { largeSteps, measureLarge, type LargeReport } from './large.ts';
import { describeMachine, type Machine } from './measure/machine.ts';
import { measureRounds, type BenchSite, type Standing } from './measure/measure-rounds.ts';
import { summarize, type Summary } from './measure/summary.ts';
import { measureOriginal, originalSteps, type OriginalSet } from './original.ts';

export const benchParts = ['contestants', 'original', 'large'] as const;
export type BenchPart = (typeof benchParts)[number];

interface BenchRequest extends InputRequest, Omit<BenchSite, 'root'> {
  /** An empty directory; what is made in it is gone afterwards. */
  readonly root: string;
  readonly parts: readonly BenchPart[];
  /** Called with the number of measurements. */
  readonly onStart: (measurements: number) => void;
}

/** Large files are so many times a segment. */
const LARGE_SEGMENTS = 8;

export async function runBench(request: BenchRequest): Promise<BenchReport> {
  const { level, parallelism, rounds, seed, signal } = request;
  try {
    const machine = await describeMachine(request.root, signal);
    const input = await makeInput(request);
    await requireSpace(request.root, input);
    const about = { machine, input: aboutInput(input), checksum: 'xxh3-64' };
    const at = new Date().toISOString();
    return {
      at,
      ...about,
      level,
      parallelism,
      rounds,
      seed,
      ...(await measureParts(request, input, machine)),
    };
  } catch (error) {
    // What failed because all was ended is no news.
    signal.throwIfAborted();
    throw error;
  }
}

type Measured = Pick<BenchReport, 'contestants' | 'original' | 'large'>;

async function measureParts(
  request: BenchRequest,
  input: Input,
  machine: Machine,
): Promise<Measured> {
  const has = (part: BenchPart): boolean => request.parts.includes(part);
  const contestants = has('contestants') ? contestantsFor(machine) : [];
  const present = contestants.filter(({ absence }) => absence === undefined);
  request.onStart(
    request.rounds * present.length +
      (has('original') ? originalSteps : 0) +
      (has('large') ? largeSteps(request) : 0),
  );
  return {
    contestants: withSummaries(await measureRounds(request, input, contestants)),
    original: has('original') ? await measureOriginal(request) : [],
    large: has('large') ? await measureLarge(request, LARGE_SEGMENTS * request.segmentBytes) : null,
  };
}

const contestantsFor = ({ zstdTool: version }: Machine): Contestant[] => [
  zstdTool(version ?? undefined),
  cleanupUpToSync,
  cleanupUpTo,
  queueWithWorkers(1),
  queueWithWorkers(2),
  pgBackRest,
];

function withSummaries(standings: readonly Standing[]): Entry[] {
  const floor = standings.find(({ id, runs }) => id === 'zstd' && runs.length > 0);
  return standings.map((standing) => ({ ...standing, summary: summarize(standing, floor) }));
}

const aboutInput = ({ title, kind, measured, warmUp }: Input): BenchReport['input'] => ({
  title,
  kind,
  segments: measured.length,
  bytes: bytesOf(measured),
  warmUpSegments: warmUp.length,
});

/** A disk that fills up during a run would count as a failure of a contestant. */
async function requireSpace(root: string, input: Input): Promise<void> {
  const { bavail, bsize } = await statfs(root);
  const needed = 2 * bytesOf(input.segments);
  if (bavail * bsize > needed) return;
  const [free, required] = [bavail * bsize, needed].map((bytes) => Math.round(bytes / 1e6));
  throw new BenchFailure(
    'cannot-measure',
    `${root} has ${free} MB free, but the run needs ${required} MB`,
    'Name another place with --dir, or measure less with --segments.',
  );
}

/** A contestant's runs and what they come to. */
export interface Entry extends Standing {
  readonly summary: Summary | undefined;
}

/** All that was measured, as `--json` prints it. */
export interface BenchReport {
  readonly at: string;
  readonly machine: Machine;
  readonly input: {
    readonly title: string;
    readonly kind: Input['kind'];
    readonly segments: number;
    readonly bytes: number;
    readonly warmUpSegments: number;
  };
  readonly level: number;
  readonly parallelism: number;
  readonly rounds: number;
  readonly seed: number;
  /** The source checksum that walq takes and compares. */
  readonly checksum: string;
  readonly contestants: readonly Entry[];
  readonly original: readonly OriginalSet[];
  /** Null where it was not asked for. */
  readonly large: LargeReport | null;
}
