/** What walq is to reach, and what a run says of it. Absolute figures were set for two cores. */
import type { FlushStanding } from '../parts/flushes.ts';
import type { PlannedSet } from '../input/segment-sets.ts';
import type { BenchReport } from '../run-bench.ts';
import type { Percentiles } from '../parts/latency.ts';
import type { Summary } from '../measure/summary.ts';

/** One row of the table of results. */
export interface GoalResult {
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  /** Time over that of `bare`, or processor time over that of `sh -c true`; empty where nothing is compared. */
  readonly ratio: string;
  readonly isReached: boolean;
}

/** A goal's rows; none where the run did not measure it. An input of the reader's own has no goals. */
export const goalResults = (report: BenchReport): GoalResult[] =>
  report.isOwnInput ? [] : goals.flatMap((goal) => goal(report));

type Goal = (report: BenchReport) => readonly GoalResult[];

const goals: readonly Goal[] = [
  (report) => backlog(report, '16MiB', 1.05),
  (report) => backlog(report, '2MB', 1.25),
  (report) =>
    flush(
      report,
      { set: '0.5MB', id: 'queue-1', timesMax: 1.5, what: 'queue', goal: '≤ 18 ms' },
      (of) => of.flushMs.median <= 18,
    ),
  (report) => flush(report, { set: '0.5MB', id: 'parallel', timesMax: 1.3, what: 'in process' }),
  (report) =>
    flush(
      report,
      { set: '2MB', id: 'queue-1', timesMax: 1.25, what: 'queue', goal: '≥ 138 MB/s' },
      (of) => of.megabytesPerSecond >= 138,
    ),
  idle,
  tiny,
  memory,
  answered,
  flushed,
  startUp,
];

const times = (value: number | undefined): string =>
  value === undefined ? '–' : `${value.toFixed(2)} ×`;

/** No ratio reaches no goal. */
const atMost = (value: number | undefined, most: number): boolean =>
  value !== undefined && value <= most;

const summaryOf = ({ segments }: BenchReport, set: PlannedSet): Summary | undefined =>
  segments.find(({ id }) => id === set)?.contestants.find(({ id }) => id === 'queue-1')?.summary;

function backlog(report: BenchReport, set: PlannedSet, timesMax: number): GoalResult[] {
  const summary = summaryOf(report, set);
  if (summary === undefined) return [];
  const ratio = summary.timesBare?.median;
  const title = report.segments.find(({ id }) => id === set)?.title ?? set;
  return [
    {
      what: `segments of ${title} through the queue`,
      goal: `≤ ${timesMax} × bare`,
      measured: `${summary.seconds.median.toFixed(2)} s, ${summary.megabytesPerSecond.toFixed(0)} MB/s`,
      ratio: times(ratio),
      isReached: atMost(ratio, timesMax),
    },
  ];
}

interface FlushGoal {
  readonly set: PlannedSet;
  /** Of the contestant. */
  readonly id: string;
  readonly timesMax: number;
  readonly what: string;
  readonly goal?: string;
}

type FlushSummary = NonNullable<FlushStanding['summary']>;

function flush(
  { flushes }: BenchReport,
  { set, id, timesMax, what, goal }: FlushGoal,
  isReached: (summary: FlushSummary) => boolean = () => true,
): GoalResult[] {
  const report = flushes.find((one) => one.id === set);
  const summary = report?.contestants.find((one) => one.id === id)?.summary;
  if (report === undefined || summary === undefined) return [];
  const { flushMs, flushesPerSecond, megabytesPerSecond, timesBare } = summary;
  const rates = `${flushesPerSecond.toFixed(flushesPerSecond < 20 ? 1 : 0)} flushes/s, ${megabytesPerSecond.toFixed(0)} MB/s`;
  const parts = [...(goal === undefined ? [] : [goal]), `≤ ${timesMax} × bare`];
  return [
    {
      what: `a flush of ${report.title}, ${what}, until archived`,
      goal: parts.join(', '),
      measured: `${flushMs.median.toFixed(1)} ms, ${rates}`,
      ratio: times(timesBare?.median),
      isReached: isReached(summary) && atMost(timesBare?.median, timesMax),
    },
  ];
}

function idle({ latency }: BenchReport): GoalResult[] {
  if (latency === null) return [];
  const { p50, p99 } = latency.idleMs;
  return [
    {
      what: 'one segment of 64 KiB on an idle system, until flushedAndArchived() resolves',
      goal: 'p50 ≤ 12 ms',
      measured: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
      ratio: '',
      isReached: p50 <= 12,
    },
  ];
}

function tiny(report: BenchReport): GoalResult[] {
  const summary = summaryOf(report, '64B');
  if (summary === undefined) return [];
  const { segmentsPerSecond, cpuMsPerSegment, timesBare } = summary;
  return [
    {
      what: 'segments of 64 B through the queue, all processes together',
      goal: '≥ 2,000/s, ≤ 0.9 ms CPU each',
      measured: `${segmentsPerSecond.toFixed(0)}/s, ${cpuMsPerSegment.toFixed(2)} ms CPU each`,
      ratio: times(timesBare?.median),
      isReached: segmentsPerSecond >= 2_000 && cpuMsPerSegment <= 0.9,
    },
  ];
}

const MEGABYTES_MAX: Readonly<Record<number, number>> = { 1: 90, 3: 120, 5: 150 };

function memory({ memory: report }: BenchReport): GoalResult[] {
  if (report === null) return [];
  const peaks = report.peaks.map(({ peakBytes }) => (peakBytes / 1e6).toFixed(0));
  return [
    {
      what: `peak memory of a worker at parallelism ${report.peaks.map(({ parallelism }) => parallelism).join(', ')}`,
      goal: `≤ ${report.peaks.map(({ parallelism }) => MEGABYTES_MAX[parallelism]).join(', ')} MB`,
      measured: `${peaks.join(', ')} MB`,
      ratio: '',
      isReached: report.peaks.every(
        ({ parallelism, peakBytes }) => peakBytes / 1e6 <= (MEGABYTES_MAX[parallelism] ?? 0),
      ),
    },
  ];
}

const CALL_TIMES_MAX = 1.5;

function answered({ postgresCalls }: BenchReport): GoalResult[] {
  return postgresCalls
    .filter(({ title }) => title.startsWith('wal-'))
    .map(({ title, cpuMs, residentMs, timesShell }) => ({
      what: title,
      goal: `≤ ${CALL_TIMES_MAX} × sh -c true, CPU`,
      measured: `${cpuMs.median.toFixed(2)} ms CPU, ${residentMs.toFixed(2)} of it in running processes`,
      ratio: times(timesShell.median),
      isReached: timesShell.median <= CALL_TIMES_MAX,
    }));
}

function flushed({ latency }: BenchReport): GoalResult[] {
  if (latency === null) return [];
  const { redisUp, redisDown } = latency.flushedUs;
  const p99 = ({ p99: us }: Percentiles): string => `${us.toFixed(1)} µs`;
  return [
    {
      what: 'flushed(), 10,000 a second, Redis up; down',
      goal: 'p99 ≤ 20 µs',
      measured: `${p99(redisUp)}; ${p99(redisDown)}`,
      ratio: '',
      isReached: redisUp.p99 <= 20 && redisDown.p99 <= 20,
    },
  ];
}

/** In the order of `measureStartUp`. */
const START_UP_MS_MAX = [300, 400];

function startUp({ startUp: commands }: BenchReport): GoalResult[] {
  return commands.map(({ title, cpuMs, wallMs }, index) => ({
    what: title,
    goal: `≤ ${START_UP_MS_MAX[index]} ms CPU`,
    measured: `${cpuMs.toFixed(0)} ms CPU, ${wallMs.toFixed(0)} ms`,
    ratio: '',
    isReached: cpuMs <= (START_UP_MS_MAX[index] ?? 0),
  }));
}
