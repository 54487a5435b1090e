import type { KnownGap } from '../archive/acknowledged-gaps.ts';
import type { SegmentName } from '../source/segment-name.ts';
import { gapsOf } from './spans/gaps-of.ts';
import { SpanFinder } from './spans/span-finder.ts';
import { readGapRules, type GapPlace } from './gap-rules.ts';
import { keysInOrder } from './in-order.ts';

export interface GapOptions extends GapPlace {
  readonly consecutive: boolean;
  /** Segments that are still at the source, in order: what is waiting there is no gap. */
  readonly atSource: readonly SegmentName[];
}

/** The gaps of an archive, those that were acknowledged among them; only history files are read. */
export async function listGaps(options: GapOptions): Promise<readonly KnownGap[]> {
  const { store, source, naming, consecutive, atSource } = options;
  const spans = new SpanFinder({
    ...(await readGapRules(options)),
    consecutive,
    atSource: atSource.map((segment) => ({ segment, state: 'due' })),
  });
  for await (const { name } of keysInOrder(store, source, naming)) spans.next(name);
  return gapsOf(source, spans.finish());
}
