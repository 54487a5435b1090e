/** Whether a dictionary is worth using, and which: a pure function of measurements. */

/** How much smaller the archive must become, because every object then depends on one more file. */
export const SAVED_SHARE_MIN = 0.05;

/** The measurement of one dictionary, or of none. */
export interface Measurement {
  /** Bytes that it adds to the archive: its length; 0 for none, and for one that the archive holds already. */
  readonly dictionaryBytes: number;
  /** Bytes of all measured objects together. */
  readonly objectBytes: number;
}

export interface Evaluated<T extends Measurement> {
  readonly measurement: T;
  /** Bytes of the archive, extrapolated from the measured segments to all, dictionary included. */
  readonly archiveBytes: number;
  /** Share saved of an archive without a dictionary; negative where it costs more. */
  readonly savedShare: number;
  /** After how many segments the dictionary has saved its own bytes; null where it never does. */
  readonly breakEvenSegments: number | null;
}

interface Evaluation<T extends Measurement> {
  readonly evaluated: readonly Evaluated<T>[];
  /** Undefined where none saves enough. */
  readonly best: Evaluated<T> | undefined;
}

interface EvaluateOptions<T extends Measurement> {
  /** The measurement without a dictionary. */
  readonly none: Measurement;
  /** Of equal ones the first wins. */
  readonly measurements: readonly T[];
  readonly measuredSegments: number;
  /** For how many segments the dictionary will be used. */
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
