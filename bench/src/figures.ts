/** The value below which the given share of the values lies. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const inOrder = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

export const median = (values: readonly number[]): number => percentile(inOrder(values), 0.5);

/** Median with least and most, in the unit of the values. */
export function spread(values: readonly number[], digits = 2): string {
  const sorted = inOrder(values);
  const show = (value: number | undefined) => (value ?? Number.NaN).toFixed(digits);
  return `${show(median(values))} (${show(sorted[0])} to ${show(sorted.at(-1))})`;
}
