/** The naming of a source without a pattern: derived from its files, with the numbers that its archive has recorded. */
import type { Disk } from '../base/disk/disk.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { anyNumberPattern, type SegmentNaming } from '../source/naming.ts';
import { compareSegments } from '../source/segment-name.ts';
import { recogniseNaming, type RecognisedNaming } from '../source/recognise-naming.ts';
import type { Source } from '../source/source.ts';

/**
 * An object's place in the archive depends on its segment's number, so a source keeps the numbering that it started
 * with.
 *
 * @throws WalqError `source-unavailable` while there is no segment yet; `segment-names-unclear`
 */
export async function namingByFiles(
  disk: Disk,
  source: Source,
  recorded: SegmentNaming | undefined,
): Promise<SegmentNaming> {
  const found = await recogniseNaming(disk, source);
  if (recorded?.rule.kind !== 'pattern' || isAnyNumber(recorded)) {
    if (found === undefined) throw noSegmentYet(source);
    if (recorded === undefined || sameNumbers(recorded, found)) return found.naming;
    throw countedOtherwise(source, recorded);
  }
  if (found === undefined) return recorded;
  if (sameNumbers(recorded, found)) return found.naming;
  if (!sameOrder(recorded, found)) throw countedOtherwise(source, recorded);
  const { naming } = found;
  const isUnrecognised = (name: string): boolean =>
    recorded.parse(name) === undefined &&
    (naming.parse(name) !== undefined || naming.isUnrecognised?.(name) === true);
  return { ...recorded, isUnrecognised };
}

/** What earlier versions recorded for a source without a pattern. It matches every name and orders few of them. */
const isAnyNumber = ({ rule }: SegmentNaming): boolean =>
  rule.kind === 'pattern' && rule.pattern.source === anyNumberPattern.source;

const sameNumbers = (recorded: SegmentNaming, { naming, samples }: RecognisedNaming): boolean =>
  samples.every((name) => recorded.parse(name)?.number === naming.parse(name)?.number);

function sameOrder(recorded: SegmentNaming, { naming, samples }: RecognisedNaming): boolean {
  const inOrder = (by: SegmentNaming): string[] =>
    samples
      .flatMap((name) => by.parse(name) ?? [])
      .toSorted(compareSegments)
      .map(({ name }) => name);
  return inOrder(recorded).join('/') === inOrder(naming).join('/');
}

const noSegmentYet = ({ name, directory }: Source): WalqError =>
  new WalqError('source-unavailable', {
    message: `source '${name}' has no segment in ${directory} yet, so how its segments are named is not known`,
    hint: `The roles check again until there is one. Set a pattern in [sources.${name}] to start without a segment.`,
  });

function countedOtherwise({ name, directory }: Source, { rule }: SegmentNaming): WalqError {
  const pattern = rule.kind === 'pattern' ? rule.pattern.source : '';
  return new WalqError('segment-names-unclear', {
    message: `the files in ${directory} sort in a different order than the archive has recorded for source '${name}' (pattern '${pattern}')`,
    hint: `Give the source a new name, so that its segments are archived in the right order. To keep the recorded order, set pattern = '${pattern}' in [sources.${name}].`,
  });
}
