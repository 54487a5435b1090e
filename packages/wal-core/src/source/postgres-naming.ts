import { parseWalFile, segmentNumber } from './postgres/wal-file.ts';
import type { SegmentNaming } from './naming.ts';

/** The timeline is the high part of a number, so that segments are ordered by timeline first. */
const TIMELINE_SHIFT = 64n;

/**
 * Names of PostgreSQL's WAL files. Their numbers count segments within a timeline. A history file precedes all
 * segments; a file that is named after a segment follows it.
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
