/** Whether a dictionary pays, and which: a pure function of what was measured. */

/** How much smaller the archive has to become: every object then depends on one more file. */
export const SAVED_SHARE_MIN = 0.05;

/** What was measured of one dictionary, or of none. */
export interface Trial {
  /** What it costs: its length; 0 for none, and for one that the archive holds already. */
  readonly dictionaryBytes: number;
  /** Of the objects that were measured, together. */
  readonly objectBytes: number;
}

export interface Evaluated<T extends Trial> {
  readonly trial: T;
  /** Of all segments, as those that were measured; the dictionary is counted in. */
  readonly archiveBytes: number;
  /** Of the archive without a dictionary, what is spared; negative where it costs more. */
  readonly savedShare: number;
  /** After how many segments the dictionary has spared its own bytes; null where it never does. */
  readonly breakEvenSegments: number | null;
}

interface Evaluation<T extends Trial> {
  readonly judged: readonly Evaluated<T>[];
  /** Undefined where none pays. */
  readonly best: Evaluated<T> | undefined;
}

interface EvaluateOptions<T extends Trial> {
  /** Without a dictionary. */
  readonly none: Trial;
  /** The first of equals wins. */
  readonly trials: readonly T[];
  readonly measuredSegments: number;
  /** Over how many segments a dictionary will be used. */
  readonly segments: number;
}

export function evaluateDictionaries<T extends Trial>(options: EvaluateOptions<T>): Evaluation<T> {
  const judged = options.trials.map((trial) => judge(options, trial));
  const pays = judged.filter(({ savedShare }) => savedShare >= SAVED_SHARE_MIN);
  const best = pays.toSorted((a, b) => a.archiveBytes - b.archiveBytes)[0];
  return { judged, best };
}

function judge<T extends Trial>(
  { none, measuredSegments, segments }: EvaluateOptions<T>,
  trial: T,
): Evaluated<T> {
  const without = (none.objectBytes / measuredSegments) * segments;
  const archiveBytes = (trial.objectBytes / measuredSegments) * segments + trial.dictionaryBytes;
  const savedOfSegment = (none.objectBytes - trial.objectBytes) / measuredSegments;
  return {
    trial,
    archiveBytes: Math.round(archiveBytes),
    savedShare: 1 - archiveBytes / without,
    breakEvenSegments:
      savedOfSegment > 0 ? Math.ceil(trial.dictionaryBytes / savedOfSegment) : null,
  };
}
