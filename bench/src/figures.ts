/** The value below which the given share of the values lies. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const inOrder = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

/** Of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = inOrder(values);
  const [low = Number.NaN, high = Number.NaN] = [
    sorted[Math.ceil(sorted.length / 2) - 1],
    sorted[Math.floor(sorted.length / 2)],
  ];
  return (low + high) / 2;
}

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** NaN for no values. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = inOrder(values);
  const [least = Number.NaN] = sorted;
  return { median: median(sorted), least, most: sorted.at(-1) ?? Number.NaN };
}

export const showSpread = ({ median: middle, least, most }: Spread, digits = 2): string =>
  `${middle.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;

/** Each round begins with the next one: nobody always runs behind the same. */
export const inTurn = <T>(items: readonly T[], round: number): T[] =>
  items.map((_, index) => items[(index + round) % items.length] as T);

/** Pieces of so many items; the last may hold fewer. */
export const piecesOf = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
