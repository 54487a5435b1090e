/** All that was measured, as `--json` prints it. */
import type { Input } from './input/input.ts';
import type { LargeReport } from './large/measure-large.ts';
import type { Machine } from './measure/machine.ts';
import type { Standing } from './measure/measure-rounds.ts';
import type { Summary } from './measure/summary.ts';
import type { OriginalSet } from './original/measure-original.ts';

/** A contestant's runs and what they come to. */
export interface Entry extends Standing {
  readonly summary: Summary | undefined;
}

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
