import { basename, join, resolve } from 'node:path';
import { logNaming } from '../source/naming.ts';
import type { SegmentName } from '../source/segment-name.ts';
import type { Source } from '../source/source.ts';

/** The directory of a log as a source, for what segment/ knows of sources. */
export function logSource(directory: string): Source {
  const path = resolve(directory);
  return {
    name: basename(path),
    directory: path,
    type: 'log',
    naming: logNaming,
    sealedRule: { kind: 'watermark' },
    afterArchive: 'delete',
    consecutive: true,
  };
}

export const logSegment = (number: bigint): SegmentName => ({
  name: logNaming.nameOf?.(number) ?? String(number),
  number,
});

export const logSegmentPath = (directory: string, number: bigint): string =>
  join(directory, logSegment(number).name);
