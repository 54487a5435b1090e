/** What an archive holds, timeline by timeline, as far as the rules of retention ask. */
import { compareSegments, type SegmentName } from '../../source/segment-name.ts';
import { lineOf, positionOf } from '../../archive/floor.ts';

/** One object of the archive, by its name and its manifest. */
export interface ArchivedFile {
  readonly segment: SegmentName;
  readonly objectBytes: number;
  /** When it came into the archive, ms since 1970; undefined where its manifest is damaged. */
  readonly archivedAtMs: number | undefined;
}

/** A timeline with its segments in order; what lies beside them is left out. */
export interface Timeline {
  readonly timeline: string;
  readonly files: readonly ArchivedFile[];
  readonly newest: SegmentName;
}

/** In the order of the timelines; those without a segment are left out. */
export function timelinesOf(files: readonly ArchivedFile[]): readonly Timeline[] {
  const byTimeline = new Map<string, ArchivedFile[]>();
  for (const file of files) {
    if (file.segment.isBeside === true) continue;
    const timeline = lineOf(file.segment);
    const found = byTimeline.get(timeline);
    if (found === undefined) byTimeline.set(timeline, [file]);
    else found.push(file);
  }
  return [...byTimeline.keys()].toSorted().flatMap((timeline) => {
    const inOrder = (byTimeline.get(timeline) ?? []).toSorted((a, b) =>
      compareSegments(a.segment, b.segment),
    );
    const newest = inOrder.at(-1)?.segment;
    return newest === undefined ? [] : [{ timeline, files: inOrder, newest }];
  });
}

/** Of segments alone, which all lie somewhere. */
export function placeOf(segment: SegmentName): bigint {
  const position = positionOf(segment);
  if (position === undefined) throw new RangeError(`${segment.name} lies nowhere in the WAL`);
  return position;
}
