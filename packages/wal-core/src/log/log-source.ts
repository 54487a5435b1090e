import { join } from 'node:path';
import { logNaming } from '../source/naming.ts';
import type { SegmentName } from '../source/segment-name.ts';

export const logSegment = (number: bigint): SegmentName => ({
  name: logNaming.nameOf?.(number) ?? String(number),
  number,
});

export const logSegmentPath = (directory: string, number: bigint): string =>
  join(directory, logSegment(number).name);
