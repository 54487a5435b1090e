import { parseWalFile, segmentNumber } from './postgres/wal-file.ts';
import type { SegmentNaming } from './naming.ts';

/** Behind the timeline, which counts highest, so that segments come in the order of their timelines. */
const TIMELINE_SHIFT = 64n;

/**
 * Names of PostgreSQL's WAL files. Their numbers count segments within a timeline; a history file comes
 * before all segments, what is named like a segment right behind it.
 */
export const postgresNaming = (segmentBytes: number): SegmentNaming => ({
  rule: { kind: 'postgres', segmentBytes },
  parse(name) {
    const file = parseWalFile(name);
    if (file === undefined) return undefined;
    const { kind, timeline } = file;
    const ofTimeline = BigInt(`0x${timeline}`);
    if (kind === 'history') return { name, number: ofTimeline, timeline, isAuxiliary: true };
    const within = segmentNumber(file, segmentBytes);
    if (within === undefined) return undefined;
    const number = (ofTimeline << TIMELINE_SHIFT) + within;
    return { name, number, timeline, ...(kind === 'segment' ? {} : { isAuxiliary: true }) };
  },
});
