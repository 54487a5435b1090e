/** One pass over the names of an archive, which reads no object. */
import { keysInOrder } from '../in-order.ts';
import { withinRange, type SegmentRange } from '../range.ts';
import type { SegmentName } from '../../source/segment-name.ts';
import type { SegmentNaming } from '../../source/naming.ts';
import { SpanFinder, type SpanFinderOptions } from '../spans/span-finder.ts';
import type { Span } from '../spans/span.ts';
import type { ArchiveKey } from '../../store/archive-key.ts';
import type { ArchiveStore } from '../../store/store.ts';
import { RECENT_MAX } from './recent-ratio.ts';

export interface ArchivePass {
  readonly spans: readonly Span[];
  readonly archivedSegments: number;
  readonly highest: SegmentName | undefined;
  /** In order. */
  readonly newest: readonly ArchiveKey[];
  /** Which of `asked` are in the archive, by name alone. */
  readonly found: readonly SegmentName[];
}

export async function passArchive(
  { store, source, naming }: { store: ArchiveStore; source: string; naming: SegmentNaming },
  finding: SpanFinderOptions,
  { range, asked }: { readonly range?: SegmentRange; readonly asked?: ReadonlySet<string> } = {},
): Promise<ArchivePass> {
  const finder = new SpanFinder(finding);
  const newest: ArchiveKey[] = [];
  const found: SegmentName[] = [];
  let archivedSegments = 0;
  let highest: SegmentName | undefined;
  for await (const { key, name } of withinRange(keysInOrder(store, source, naming), range)) {
    if (finding.isGivenUp?.(name) === true) continue;
    finder.next(name);
    highest = name;
    archivedSegments += 1;
    if (asked?.has(name.name) === true) found.push(name);
    newest.push(key);
    if (newest.length > RECENT_MAX * 64) newest.splice(0, newest.length - RECENT_MAX);
  }
  return {
    spans: finder.finish(),
    archivedSegments,
    highest,
    newest: newest.slice(-RECENT_MAX),
    found,
  };
}
