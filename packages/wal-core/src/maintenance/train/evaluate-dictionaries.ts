/** Whether a dictionary pays, and which: a pure function of what was measured. */

/** How much smaller the archive has to become: every object then depends on one more file. */
export const SAVED_SHARE_MIN = 0.05;

/** What was measured of one dictionary, or of none. */
export interface Measurement {
  /** What it costs: its length; 0 for none, and for one that the archive holds already. */
  readonly dictionaryBytes: number;
  /** Of the objects that were measured, together. */
  readonly objectBytes: number;
}

export interface Evaluated<T extends Measurement> {
  readonly measurement: T;
  /** Of all segments, as those that were measured; the dictionary is counted in. */
  readonly archiveBytes: number;
  /** Of the archive without a dictionary, what is spared; negative where it costs more. */
  readonly savedShare: number;
  /** After how many segments the dictionary has spared its own bytes; null where it never does. */
  readonly breakEvenSegments: number | null;
}

interface Evaluation<T extends Measurement> {
  readonly evaluated: readonly Evaluated<T>[];
  /** Undefined where none pays. */
  readonly best: Evaluated<T> | undefined;
}

interface EvaluateOptions<T extends Measurement> {
  /** Without a dictionary. */
  readonly none: Measurement;
  /** The first of equals wins. */
  readonly measurements: readonly T[];
  readonly measuredSegments: number;
  /** Over how many segments a dictionary will be used. */
  readonly segments: number;
}

export function evaluateDictionaries<T extends Measurement>(
  options: EvaluateOptions<T>,
): Evaluation<T> {
  const evaluated = options.measurements.map((measurement) => evaluate(options, measurement));
  const pays = evaluated.filter(({ savedShare }) => savedShare >= SAVED_SHARE_MIN);
  const best = pays.toSorted((a, b) => a.archiveBytes - b.archiveBytes)[0];
  return { evaluated, best };
}

function evaluate<T extends Measurement>(
  { none, measuredSegments, segments }: EvaluateOptions<T>,
  measurement: T,
): Evaluated<T> {
  const without = (none.objectBytes / measuredSegments) * segments;
  const archiveBytes =
    (measurement.objectBytes / measuredSegments) * segments + measurement.dictionaryBytes;
  const savedOfSegment = (none.objectBytes - measurement.objectBytes) / measuredSegments;
  return {
    measurement,
    archiveBytes: Math.round(archiveBytes),
    savedShare: 1 - archiveBytes / without,
    breakEvenSegments:
      savedOfSegment > 0 ? Math.ceil(measurement.dictionaryBytes / savedOfSegment) : null,
  };
}
