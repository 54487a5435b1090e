/** What walq is to reach, and what a run says of it. Absolute figures were set for two cores. */
import type { PlannedSet } from '../input/segment-sets.ts';
import type { Summary } from '../measure/summary.ts';
import type { Percentiles } from '../parts/latency.ts';
import type { SetReport } from '../parts/segments.ts';
import type { BenchReport } from '../run-bench.ts';

/** One row of the table of results. */
export interface GoalResult {
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  /** Time over that of `bare`, or processor time over that of `sh -c true`; empty where nothing is compared. */
  readonly ratio: string;
  readonly isReached: boolean;
}

/** None for what the run did not measure. An input of the reader's own has no goals. */
export function goalResults(report: BenchReport): GoalResult[] {
  if (report.isOwnInput) return [];
  return [
    ...backlog(report, '16MiB', 1.05),
    ...backlog(report, '2MB', 1.25),
    ...flush(report, '0.5MB', { id: 'queue-awaited', timesMax: 1.5, msMax: 18 }),
    ...flush(report, '0.5MB', { id: 'parallel', timesMax: 1.3 }),
    ...flush(report, '2MB', { id: 'queue-awaited', timesMax: 1.25, rateMin: 138 }),
    ...tiny(report),
    ...latency(report),
    ...memory(report),
    ...answered(report),
    ...startUp(report),
  ];
}

const times = (value: number | undefined): string =>
  value === undefined ? '–' : `${value.toFixed(2)} ×`;

/** No ratio reaches no goal. */
const atMost = (value: number | undefined, most: number): boolean =>
  value !== undefined && value <= most;

interface Found extends Summary {
  readonly title: string;
  readonly times: number | undefined;
}

function find(reports: readonly SetReport[], set: PlannedSet, id: string): Found[] {
  const report = reports.find((one) => one.id === set);
  const summary = report?.contestants.find((one) => one.id === id)?.summary;
  if (report === undefined || summary === undefined) return [];
  return [{ ...summary, title: report.title, times: summary.timesBare?.median }];
}

const backlog = ({ segments }: BenchReport, set: PlannedSet, timesMax: number): GoalResult[] =>
  find(segments, set, 'queue-1').map((of) => ({
    what: `segments of ${of.title} through the queue`,
    goal: `≤ ${timesMax} × bare`,
    measured: `${(of.flushMs.median / 1000).toFixed(2)} s, ${of.megabytesPerSecond.toFixed(0)} MB/s`,
    ratio: times(of.times),
    isReached: atMost(of.times, timesMax),
  }));

interface FlushGoal {
  /** Of the contestant. */
  readonly id: 'queue-awaited' | 'parallel';
  readonly timesMax: number;
  readonly msMax?: number;
  /** MB/s. */
  readonly rateMin?: number;
}

function flush(
  { flushes }: BenchReport,
  set: PlannedSet,
  { id, timesMax, msMax = Number.POSITIVE_INFINITY, rateMin = 0 }: FlushGoal,
): GoalResult[] {
  const absolute = [
    ...(Number.isFinite(msMax) ? [`≤ ${msMax} ms`] : []),
    ...(rateMin > 0 ? [`≥ ${rateMin} MB/s`] : []),
  ];
  return find(flushes, set, id).map((of) => {
    const ms = of.flushMs.median;
    return {
      what: `a flush of 5 files of ${of.title}, ${id === 'parallel' ? 'in process' : 'queue'}, until archived`,
      goal: [...absolute, `≤ ${timesMax} × bare`].join(', '),
      measured: `${ms.toFixed(1)} ms, ${(1000 / ms).toFixed(0)} flushes/s, ${of.megabytesPerSecond.toFixed(0)} MB/s`,
      ratio: times(of.times),
      isReached: ms <= msMax && of.megabytesPerSecond >= rateMin && atMost(of.times, timesMax),
    };
  });
}

const tiny = ({ segments }: BenchReport): GoalResult[] =>
  find(segments, '64B', 'queue-1').map((of) => ({
    what: 'segments of 64 B through the queue, all processes together',
    goal: '≥ 2,000/s, ≤ 0.9 ms CPU each',
    measured: `${of.segmentsPerSecond.toFixed(0)}/s, ${of.cpuMsPerSegment.toFixed(2)} ms CPU each`,
    ratio: times(of.times),
    isReached: of.segmentsPerSecond >= 2_000 && of.cpuMsPerSegment <= 0.9,
  }));

function latency({ latency: report }: BenchReport): GoalResult[] {
  if (report === null) return [];
  const [bare, queue] = ['bare', 'queue-awaited'].map(
    (id) => report.idle.find((one) => one.id === id)?.ms,
  );
  const { redisUp, redisDown } = report.flushedUs;
  const p99 = ({ p99: us }: Percentiles): string => `${us.toFixed(1)} µs`;
  return [
    ...(queue === undefined ? [] : [queue]).map((of) => ({
      what: 'one segment of 64 KiB on an idle system, until flushedAndArchived() resolves',
      goal: 'p50 ≤ 12 ms',
      measured: `p50 ${of.p50.toFixed(1)} ms, p99 ${of.p99.toFixed(1)} ms`,
      ratio: times(bare === undefined ? undefined : of.p50 / bare.p50),
      isReached: of.p50 <= 12,
    })),
    {
      what: 'flushed(), 10,000 a second, Redis up; down',
      goal: 'p99 ≤ 20 µs',
      measured: `${p99(redisUp)}; ${p99(redisDown)}`,
      ratio: '',
      isReached: redisUp.p99 <= 20 && redisDown.p99 <= 20,
    },
  ];
}

const MEGABYTES_MAX: Readonly<Record<number, number>> = { 1: 90, 3: 120, 5: 150 };

function memory({ memory: report }: BenchReport): GoalResult[] {
  if (report === null) return [];
  const all = report.peaks.map(({ parallelism, peakBytes }) => ({
    parallelism,
    most: MEGABYTES_MAX[parallelism] ?? 0,
    peak: peakBytes / 1e6,
  }));
  return [
    {
      what: `peak memory of a worker at parallelism ${all.map(({ parallelism }) => parallelism).join(', ')}`,
      goal: `≤ ${all.map(({ most }) => most).join(', ')} MB`,
      measured: `${all.map(({ peak }) => peak.toFixed(0)).join(', ')} MB`,
      ratio: '',
      isReached: all.every(({ peak, most }) => peak <= most),
    },
  ];
}

const CALL_TIMES_MAX = 1.5;

const answered = ({ postgresCalls }: BenchReport): GoalResult[] =>
  postgresCalls
    .filter(({ title }) => title.startsWith('wal-'))
    .map(({ title, cpuMs, residentMs, timesShell }) => ({
      what: title,
      goal: `≤ ${CALL_TIMES_MAX} × sh -c true, CPU`,
      measured: `${cpuMs.toFixed(2)} ms CPU, ${residentMs.toFixed(2)} of it in running processes`,
      ratio: times(timesShell),
      isReached: timesShell <= CALL_TIMES_MAX,
    }));

/** In the order of `measureStartUp`. */
const START_UP_MS_MAX = [300, 400];

const startUp = ({ startUp: commands }: BenchReport): GoalResult[] =>
  commands.map(({ title, cpuMs, wallMs }, index) => ({
    what: title,
    goal: `≤ ${START_UP_MS_MAX[index]} ms CPU`,
    measured: `${cpuMs.toFixed(0)} ms CPU, ${wallMs.toFixed(0)} ms`,
    ratio: '',
    isReached: cpuMs <= (START_UP_MS_MAX[index] ?? 0),
  }));
