import type { StressRun } from './engine-process.ts';
import type { StressMode } from './mode.ts';
import type { ArchivingSettings } from './prepare-place.ts';
import type { Workload } from './workload.ts';

export interface StressReport extends Workload, ArchivingSettings, StressSummary {
  /** When it was measured, ISO 8601. */
  readonly at: string;
  readonly rounds: number;
}

export interface StressSummary {
  readonly modes: readonly ModeReport[];
  readonly ratios: StressRatios;
}

export interface ModeReport {
  readonly mode: StressMode;
  /** Medians of the rounds; what is a maximum is the greatest of all. */
  readonly figures: StressFigures;
  readonly runs: readonly StressRun[];
}

export interface StressFigures {
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
export interface StressRatios {
  readonly appendsPerSecondQueuedToSynchronous: number;
  readonly appendP50QueuedToOff: number;
  readonly appendP99QueuedToOff: number;
}
