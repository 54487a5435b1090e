/** What the writers do, the same in every mode. */
export interface Workload {
  /** Length of each of the two stretches, at the rate and at full load. */
  readonly seconds: number;
  /** Appends a second, on average. */
  readonly rate: number;
  readonly recordBytes: number;
  readonly segmentBytes: number;
  /** Sealed segments from one flush to the next. */
  readonly flushEvery: number;
  /** Appends under way at once at full load. */
  readonly writers: number;
  readonly seed: number;
}
