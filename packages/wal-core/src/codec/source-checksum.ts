/** The checksum by which a copy is compared. */
import * as v from 'valibot';

export const checksumSchema = v.looseObject({ algorithm: v.literal('xxh3-64'), value: v.string() });

export type SourceChecksum = v.InferOutput<typeof checksumSchema>;

export const sameChecksum = (a: SourceChecksum, b: SourceChecksum): boolean =>
  a.algorithm === b.algorithm && a.value === b.value;
