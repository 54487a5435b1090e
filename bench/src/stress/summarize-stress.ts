import { median } from '../figures.ts';
import type { StressRun } from './engine-process.ts';
import { stressModes, type StressMode } from './mode.ts';
import type { StressFigures, StressSummary } from './stress-report.ts';

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
    appendP50Ms: middle(({ paced }) => paced.latency.p50Ms),
    appendP99Ms: middle(({ paced }) => paced.latency.p99Ms),
    appendP999Ms: middle(({ paced }) => paced.latency.p999Ms),
    appendMaxMs: greatest(({ paced }) => paced.latency.maxMs),
    loopDelayP99Ms: middle(({ paced }) => paced.loopDelay.p99Ms),
    loopDelayMaxMs: greatest(({ paced }) => paced.loopDelay.maxMs),
    flushMaxMs: greatest(({ paced }) => paced.flushMaxMs),
    appendsPerSecond: middle(({ fullLoad }) => fullLoad.appendsPerSecond),
    megabytesPerSecond: middle(({ fullLoad }) => fullLoad.megabytesPerSecond),
    behindMs: middle(({ fullLoad }) => fullLoad.behindMs),
  };
}
