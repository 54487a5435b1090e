/** PostgreSQL's timeline history files: where a timeline and those before it branched off. */

/** One line: the WAL of `timeline` was followed up to `lsn`, and then left. */
export interface HistoryEntry {
  /** 8 hexadecimal digits. */
  readonly timeline: string;
  readonly lsn: bigint;
}

/** The ancestors of a timeline, the eldest first. */
export interface TimelineHistory {
  readonly timeline: string;
  readonly entries: readonly HistoryEntry[];
}

const linePattern =
  /^\s*(?<timeline>\d{1,10})\s+(?<high>[0-9A-Fa-f]{1,8})\/(?<low>[0-9A-Fa-f]{1,8})(?:\s|$)/;

/**
 * Reads the text of a history file as PostgreSQL does: comments and empty lines say nothing, timelines only
 * ever count up. Undefined for a text that is none.
 */
export function parseHistory(timeline: string, text: string): TimelineHistory | undefined {
  const entries: HistoryEntry[] = [];
  for (const line of text.split('\n')) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const entry = parseLine(line);
    if (entry === undefined || entry.timeline <= (entries.at(-1)?.timeline ?? '')) return undefined;
    entries.push(entry);
  }
  const last = entries.at(-1);
  return last === undefined || last.timeline >= timeline ? undefined : { timeline, entries };
}

function parseLine(line: string): HistoryEntry | undefined {
  const { timeline, high, low } = linePattern.exec(line)?.groups ?? {};
  if (timeline === undefined) return undefined;
  const number = Number(timeline);
  if (number < 1 || number > 0xffff_ffff) return undefined;
  return { timeline: timelineOf(number), lsn: (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`) };
}

/** A timeline's number as it stands in file names. */
export const timelineOf = (number: number): string =>
  number.toString(16).toUpperCase().padStart(8, '0');
