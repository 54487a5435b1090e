import type * as levenshtein from 'fastest-levenshtein';
import { createRequire } from 'node:module';

/** CommonJS: `import` would start a module that finds its exports. */
export const { closest, distance } = createRequire(import.meta.url)(
  'fastest-levenshtein',
) as typeof levenshtein;

const DISTANCE_MAX = 4;

/** The known name that was probably meant; undefined where none is near. */
export function nearestOf(text: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const nearest = closest(text, known);
  const max = Math.min(DISTANCE_MAX, Math.ceil(text.length / 2));
  return distance(text, nearest) <= max ? nearest : undefined;
}
