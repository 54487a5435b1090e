/** The checksum by which a copy is compared. */
import { fields, oneOf, string, type Of } from '../base/shape.ts';

export const checksumShape = fields({ algorithm: oneOf('xxh3-64'), value: string });

export type SourceChecksum = Of<typeof checksumShape>;

export const sameChecksum = (a: SourceChecksum, b: SourceChecksum): boolean =>
  a.algorithm === b.algorithm && a.value === b.value;
