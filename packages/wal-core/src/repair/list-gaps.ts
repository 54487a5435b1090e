import { explainGaps, listAcknowledgedGaps, type KnownGap } from '../gaps/index.ts';
import { keysInOrder, type ListOptions } from '../inspect/index.ts';
import type { SegmentName } from '../segment/index.ts';
import { gapsOf, SpanFinder } from '../spans/index.ts';

export interface GapOptions extends Pick<ListOptions, 'store' | 'source' | 'naming'> {
  readonly consecutive: boolean;
  /** Segments that are still at the source, in order: what is waiting there is no gap. */
  readonly atSource: readonly SegmentName[];
}

/** The gaps of an archive, those that were acknowledged among them; by names alone, no object is read. */
export async function listGaps(options: GapOptions): Promise<readonly KnownGap[]> {
  const { store, source, naming, consecutive, atSource } = options;
  const spans = new SpanFinder({
    consecutive,
    atSource: atSource.map((segment) => ({ segment, state: 'due' })),
    explain: explainGaps(await listAcknowledgedGaps(store, source), naming),
  });
  for await (const { name } of keysInOrder(store, source, naming)) spans.next(name);
  return gapsOf(source, spans.finish());
}
