/**
 * The choice among measured levels: the fastest whose ratio is within 1% of the best. A pure function of
 * the trials and of the level in use.
 *
 * Sizes are exact, times are not: the machine does other work meanwhile. So the sizes say which levels are
 * fit, and times are compared slice by slice, where the median outlives the slices that were interrupted.
 */
import type { LevelTrial } from '../../codec/try-levels.ts';

/** How much of the best ratio may be given up for speed. */
const LOSS_MAX = 0.01;
/** How near the best a level must be to take the place of one that is fit still: none swings at the edge. */
const LOSS_MAX_TO_CHANGE = 0.0075;
/** A higher level is mostly the slower one, so it has to be this much faster to be believed. */
const CLEARLY_FASTER = 0.9;

/** Of at least one trial. */
export function chooseLevel(trials: readonly LevelTrial[], inUse?: number): number {
  const fit = fitTrials(trials, inUse).toSorted((a, b) => a.level - b.level);
  const chosen = fit.reduce((lower, higher) => {
    const needed = higher.level === inUse ? 1 : CLEARLY_FASTER;
    return relativeTime(higher, lower) < needed ? higher : lower;
  });
  return chosen.level;
}

function fitTrials(trials: readonly LevelTrial[], inUse: number | undefined): LevelTrial[] {
  const least = Math.min(...trials.map(({ bytes }) => bytes));
  const loss = ({ bytes }: LevelTrial): number => 1 - least / bytes;
  const isInUse = ({ level }: LevelTrial): boolean => level === inUse;
  const stays = trials.some((trial) => isInUse(trial) && loss(trial) <= LOSS_MAX);
  return trials.filter(
    (trial) => loss(trial) <= (stays && !isInUse(trial) ? LOSS_MAX_TO_CHANGE : LOSS_MAX),
  );
}

/** Below 1 where `a` is the faster; 1 where no clock could tell. */
function relativeTime(a: LevelTrial, b: LevelTrial): number {
  const shares = a.sliceMs.flatMap((ms, slice) => {
    const other = b.sliceMs[slice] ?? 0;
    return ms > 0 && other > 0 ? [ms / other] : [];
  });
  return median(shares) ?? 1;
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}
