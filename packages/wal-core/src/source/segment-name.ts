/** One WAL file by name, with the number that orders it within its source. */
export interface SegmentName {
  readonly name: string;
  readonly number: bigint;
  /** Of PostgreSQL's WAL files, 8 hexadecimal digits: numbers are consecutive within one timeline only. */
  readonly timeline?: string;
  /** A file beside the segments, such as a timeline's history: archived as they are, it fills no gap. */
  readonly isBeside?: true;
}

/** By number; two names of one number, which a loose pattern allows, by name. */
export function compareSegments(a: SegmentName, b: SegmentName): number {
  if (a.number !== b.number) return a.number < b.number ? -1 : 1;
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}
