import { closest, distance } from 'fastest-levenshtein';

const DISTANCE_MAX = 4;

/** The known name that was probably meant; undefined where none is near. */
export function nearestOf(text: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const nearest = closest(text, known);
  const max = Math.min(DISTANCE_MAX, Math.ceil(text.length / 2));
  return distance(text, nearest) <= max ? nearest : undefined;
}
