/** How much one run may check: the first bound that is reached ends it. */
export interface Budget {
  /** Since the budget was made. @default no bound */
  readonly msMax?: number | undefined;
  /** Of objects, as they are stored. @default no bound */
  readonly bytesMax?: number | undefined;
}

/** Monotonic milliseconds. */
export type Clock = () => number;

/**
 * Gives one after another while the budget lasts. The first is always given, however large: what would never
 * fit would never be checked. Nothing is left out for being large.
 */
export function* withinBudget<T extends { readonly objectBytes: number }>(
  queue: Iterable<T>,
  { msMax = Infinity, bytesMax = Infinity }: Budget,
  clock: Clock,
): Generator<T> {
  const startedMs = clock();
  let bytes = 0;
  let isFirst = true;
  for (const one of queue) {
    const fits = bytes + one.objectBytes <= bytesMax && clock() - startedMs < msMax;
    if (!fits && !isFirst) return;
    isFirst = false;
    bytes += one.objectBytes;
    yield one;
  }
}
