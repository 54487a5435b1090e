import { median } from '../figures.ts';
import type { StressRun } from './engine-process.ts';
import { stressModes, type ArchivingSettings, type StressMode, type Workload } from './workload.ts';

export interface StressReport extends Workload, ArchivingSettings, StressSummary {
  /** When it was measured, ISO 8601. */
  readonly at: string;
  readonly rounds: number;
}

interface StressSummary {
  readonly modes: readonly ModeReport[];
  readonly ratios: StressRatios;
}

interface ModeReport {
  readonly mode: StressMode;
  /** Medians of the rounds; what is a maximum is the greatest of all. */
  readonly figures: StressFigures;
  readonly runs: readonly StressRun[];
}

interface StressFigures {
  readonly appendP50Ms: number;
  readonly appendP99Ms: number;
  readonly appendP999Ms: number;
  readonly appendMaxMs: number;
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  readonly flushMaxMs: number;
  /** At full load. */
  readonly appendsPerSecond: number;
  readonly megabytesPerSecond: number;
  readonly behindMs: number;
}

/** What walq wants to be measured by. */
interface StressRatios {
  readonly appendsPerSecondQueuedToSynchronous: number;
  readonly appendP50QueuedToOff: number;
  readonly appendP99QueuedToOff: number;
}

export type StressRuns = Readonly<Record<StressMode, StressRun[]>>;

export function summarizeStress(runs: StressRuns): StressSummary {
  const modes = stressModes.map((mode) => ({
    mode,
    figures: figuresOf(runs[mode]),
    runs: runs[mode],
  }));
  const { off, synchronous, queued } = Object.fromEntries(
    modes.map(({ mode, figures }) => [mode, figures]),
  ) as Record<StressMode, StressFigures>;
  return {
    modes,
    ratios: {
      appendsPerSecondQueuedToSynchronous: queued.appendsPerSecond / synchronous.appendsPerSecond,
      appendP50QueuedToOff: queued.appendP50Ms / off.appendP50Ms,
      appendP99QueuedToOff: queued.appendP99Ms / off.appendP99Ms,
    },
  };
}

function figuresOf(runs: readonly StressRun[]): StressFigures {
  const middle = (of: (run: StressRun) => number) => median(runs.map(of));
  const greatest = (of: (run: StressRun) => number) => Math.max(...runs.map(of));
  return {
    appendP50Ms: middle(({ atRate }) => atRate.latency.p50Ms),
    appendP99Ms: middle(({ atRate }) => atRate.latency.p99Ms),
    appendP999Ms: middle(({ atRate }) => atRate.latency.p999Ms),
    appendMaxMs: greatest(({ atRate }) => atRate.latency.maxMs),
    loopDelayP99Ms: middle(({ atRate }) => atRate.loopDelay.p99Ms),
    loopDelayMaxMs: greatest(({ atRate }) => atRate.loopDelay.maxMs),
    flushMaxMs: greatest(({ atRate }) => atRate.flushMaxMs),
    appendsPerSecond: middle(({ fullLoad }) => fullLoad.appendsPerSecond),
    megabytesPerSecond: middle(({ fullLoad }) => fullLoad.megabytesPerSecond),
    behindMs: middle(({ fullLoad }) => fullLoad.behindMs),
  };
}

interface StressTable {
  readonly columns: readonly { readonly heading: string; readonly align?: 'right' }[];
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
}

interface Row {
  readonly title: string;
  readonly of: (figures: StressFigures) => number;
  readonly show: (value: number) => string;
  readonly hasRatio?: true;
}

const RATIO_CHARACTERS = 9;

const ms = (value: number): string => `${value.toFixed(value < 100 ? 2 : 0)} ms`;
const count = (value: number): string => Math.round(value).toLocaleString('en-US');

const rows: readonly Row[] = [
  { title: 'append, p50', of: (of) => of.appendP50Ms, show: ms, hasRatio: true },
  { title: 'append, p99', of: (of) => of.appendP99Ms, show: ms, hasRatio: true },
  { title: 'append, p99.9', of: (of) => of.appendP999Ms, show: ms, hasRatio: true },
  { title: 'append, max', of: (of) => of.appendMaxMs, show: ms, hasRatio: true },
  { title: 'event loop late, p99', of: (of) => of.loopDelayP99Ms, show: ms },
  { title: 'event loop late, max', of: (of) => of.loopDelayMaxMs, show: ms },
  { title: 'flush call, max', of: (of) => of.flushMaxMs, show: ms },
  { title: 'full load, appends/s', of: (of) => of.appendsPerSecond, show: count, hasRatio: true },
  { title: 'full load, MB/s', of: (of) => of.megabytesPerSecond, show: (mb) => mb.toFixed(1) },
  { title: 'archived after its end', of: (of) => of.behindMs, show: ms },
];

/** A report for people: the modes side by side, each with its ratio to archiving off. */
export function stressTable(report: StressReport): StressTable {
  const headings = stressModes.map((mode) => ({ heading: mode, align: 'right' as const }));
  return {
    columns: [{ heading: 'archiving' }, ...headings],
    rows: rows.map((row) => [row.title, ...cellsOf(row, report)]),
    notes: notesOf(report),
  };
}

function cellsOf({ of, show, hasRatio }: Row, { modes }: StressReport): string[] {
  const [off] = modes;
  return modes.map(({ mode, figures }) => {
    const value = show(of(figures));
    if (mode === 'off' || off === undefined) return value;
    const ratio = hasRatio ? `${(of(figures) / of(off.figures)).toFixed(2)}×` : '';
    return `${value}${ratio.padStart(RATIO_CHARACTERS)}`;
  });
}

function notesOf(report: StressReport): string[] {
  const { seconds, rate, recordBytes, segmentBytes, flushEvery, parallelism, rounds } = report;
  const { nice, ratios, writers, modes } = report;
  const records = modes
    .flatMap(({ runs }) => runs)
    .reduce((sum, run) => sum + run.verified.records, 0);
  return [
    `${seconds} s at ${count(rate)} appends/s, then ${seconds} s at full load by ${writers} writers; medians of ${rounds}, max of all`,
    `records of ${count(recordBytes)} bytes, segments of ${count(segmentBytes)}, a flush every ${flushEvery}, ${parallelism} archived at once, nice ${nice}`,
    `all ${count(records)} records came back, from the archive where there is one`,
    `queued compared with synchronous: ${ratios.appendsPerSecondQueuedToSynchronous.toFixed(2)}× the appends at full load`,
    `queued compared with off: append p50 ${ratios.appendP50QueuedToOff.toFixed(2)}×, p99 ${ratios.appendP99QueuedToOff.toFixed(2)}×`,
  ];
}
