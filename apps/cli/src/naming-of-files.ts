/** The naming of a directory that has no configuration: from one name, or from all that are there. */
import {
  anyNumberedNaming,
  hexadecimalNaming,
  logNaming,
  nodeDisk,
  patternNaming,
  sourceFailure,
  type SegmentNaming,
} from '@walq/wal-core';

const strict = [logNaming, hexadecimalNaming];

/** Of names that differ from this one in their number alone; undefined for a name without a number. */
export function namingLike(name: string): SegmentNaming | undefined {
  const known = strict.find((naming) => naming.parse(name) !== undefined);
  if (known !== undefined) return known;
  const { before, after } = /^(?<before>.*?)\d+(?<after>\D*)$/s.exec(name)?.groups ?? {};
  if (before === undefined || after === undefined) return undefined;
  return patternNaming(new RegExp(`^${literal(before)}(?<number>\\d+)${literal(after)}$`, 'u'), 10);
}

const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/** The strict naming that most of the numbered files follow, or else any number. */
export async function namingOfFiles(directory: string): Promise<SegmentNaming> {
  const names = await namesIn(directory);
  const numbered = names.filter((name) => anyNumberedNaming.parse(name) !== undefined).length;
  const follows = (naming: SegmentNaming) =>
    2 * names.filter((name) => naming.parse(name) !== undefined).length > numbered;
  return strict.find(follows) ?? anyNumberedNaming;
}

/** Some are enough to know the kind, however many there are. */
const NAMES_MAX = 10_000;

async function namesIn(directory: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const piece of nodeDisk.list(directory)) {
      names.push(...piece);
      if (names.length >= NAMES_MAX) break;
    }
  } catch (error) {
    throw sourceFailure(`list ${directory}`, error);
  }
  return names;
}
