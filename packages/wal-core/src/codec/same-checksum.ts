import type { SourceChecksum } from './manifest.ts';

export const sameChecksum = (a: SourceChecksum, b: SourceChecksum): boolean =>
  a.algorithm === b.algorithm && a.value === b.value;
