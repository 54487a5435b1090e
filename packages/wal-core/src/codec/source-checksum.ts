/** The checksum by which a copy is compared. Not in the manifest's schema, because threads use it and do not load zod. */

/** The algorithms that a manifest may name; walq writes the first. */
export const CHECKSUM_ALGORITHMS = ['xxh3-64'] as const;

export type SourceChecksum = {
  readonly algorithm: (typeof CHECKSUM_ALGORITHMS)[number];
  readonly value: string;
};

export const sameChecksum = (a: SourceChecksum, b: SourceChecksum): boolean =>
  a.algorithm === b.algorithm && a.value === b.value;

export const isSourceChecksum = (value: unknown): value is SourceChecksum =>
  typeof value === 'object' &&
  value !== null &&
  'algorithm' in value &&
  CHECKSUM_ALGORITHMS.some((algorithm) => algorithm === value.algorithm) &&
  'value' in value &&
  typeof value.value === 'string';
