import { parseWalFile, segmentNumber, startLsn } from '../source/postgres/wal-file.ts';
import type { Cluster } from '../source/postgres/control-file.ts';
import type { SegmentFormat } from '../codec/segment-format.ts';
import type { SourceSegment } from './segment-states.ts';

/** What is checked of a segment's bytes, by its source and its name. */
export function formatOf(
  { source, name }: SourceSegment,
  cluster: Cluster | undefined,
): SegmentFormat {
  if (source.type === 'log') return 'log';
  const file = parseWalFile(name.name);
  if (cluster === undefined || file === undefined) return 'raw';
  const number = segmentNumber(file, cluster.segmentBytes);
  // History and backup files are short texts.
  if (number === undefined || file.kind === 'history' || file.kind === 'backup') return 'raw';
  return {
    kind: 'postgres',
    ...cluster,
    timeline: Number(`0x${file.timeline}`),
    startLsn: startLsn(number, cluster.segmentBytes).toString(),
  };
}
