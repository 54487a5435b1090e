/** What is compared where a copy is proved. Apart from the manifest's schema, because threads read it too and load no zod. */

/** What a manifest may name; the first is what walq writes. */
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
