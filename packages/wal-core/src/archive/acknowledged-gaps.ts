/** Gaps that an operator has explained: `<source>/_walq/gaps/<name>.json`, durable and outside Redis. */
import { z } from 'zod';
import { WalqError } from '../base/failure/walq-error.ts';
import { sha256Of } from '../base/hash.ts';
import { jsonRecord } from '../base/json-record.ts';
import { numberOnTimeline, type SegmentName } from '../source/segment-name.ts';
import type { SegmentNaming } from '../source/naming.ts';
import { readRecords } from '../store/small-files.ts';
import type { ArchiveStore } from '../store/store.ts';

/** Numbers that are missing between two segments that are there. */
export interface Gap {
  readonly source: string;
  /** The last segment before the gap, and the first behind it. */
  readonly after: string;
  readonly before: string;
  /** How many numbers are missing. */
  readonly missing: number;
}

export interface KnownGap extends Gap {
  /** Null while nobody has explained it. */
  readonly acknowledged: AcknowledgedGap | null;
}

/** A gap that an operator knows and has explained. Its record stands in the archive and never goes away by itself. */
export interface AcknowledgedGap {
  /** The last segment before the gap, and the first behind it. */
  readonly after: string;
  readonly before: string;
  /** Why the segments are missing, in the operator's words. */
  readonly reason: string;
  /** Who said so. */
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
}

const FOLDER = 'gaps';

const format = jsonRecord({
  source: z.string(),
  after: z.string().min(1),
  before: z.string().min(1),
  reason: z.string(),
  by: z.string(),
  at: z.iso.datetime(),
});

/**
 * Writes it down, durably. The first explanation stands: `exists` leaves it untouched. One that is damaged
 * explains nothing, and is written anew; one of a newer walq is refused with `archive-format-unknown`.
 */
export async function acknowledgeGap(
  store: ArchiveStore,
  source: string,
  gap: AcknowledgedGap,
): Promise<'created' | 'exists'> {
  const { after, before, reason, by, at } = gap;
  const name = recordNameOf(after, before);
  const path = `${FOLDER}/${name}`;
  const text = format.text({ source, after, before, reason, by, at });
  if ((await store.records.create(source, path, text)) === 'created') return 'created';
  const standing = await store.records.read(source, path);
  if (standing !== undefined) {
    if (parse(source, name, standing) !== undefined) return 'exists';
    assertKnownVersion(`${source}/_walq/${path}.json`, standing);
    await store.records.remove(source, path);
  }
  return store.records.create(source, path, text);
}

/** All that were explained. A damaged record explains nothing: its gap is an open one again. */
export async function listAcknowledgedGaps(
  store: ArchiveStore,
  source: string,
): Promise<readonly AcknowledgedGap[]> {
  const records = await readRecords(store, source, FOLDER);
  const gaps = records.map(({ name, text }) => parse(source, name, text));
  const found = gaps.filter((gap) => gap !== undefined);
  return found.toSorted((a, b) => (a.after < b.after ? -1 : 1));
}

/** One name for each pair; any segments' names fit. */
const recordNameOf = (after: string, before: string): string =>
  sha256Of(JSON.stringify([after, before]));

function assertKnownVersion(where: string, text: string): void {
  if (!format.isNewer(text)) return;
  throw new WalqError('archive-format-unknown', { message: `unable to replace ${where}` });
}

function parse(source: string, name: string, text: string): AcknowledgedGap | undefined {
  const record = format.read(text);
  if (record === undefined) return undefined;
  const { source: of, after, before, reason, by, at } = record;
  if (of !== source || recordNameOf(after, before) !== name) return undefined;
  return { after, before, reason, by, at };
}

/** Who has explained the gap between two segments; null when nobody has. */
export type ExplainGap = (after: SegmentName, before: SegmentName) => AcknowledgedGap | null;

/**
 * A gap is explained when it lies wholly within one that was acknowledged: what was filled since stays
 * explained, and what grew since does not.
 */
export function explainGaps(
  acknowledged: readonly AcknowledgedGap[],
  naming: SegmentNaming,
): ExplainGap {
  const ranges = acknowledged.flatMap((gap) => {
    const [after, before] = [naming.parse(gap.after), naming.parse(gap.before)];
    return after === undefined || before === undefined ? [] : [{ gap, after, before }];
  });
  return (after, before) => {
    const found = ranges.find(
      (range) => isUpTo(range.after, after) && isUpTo(before, range.before),
    );
    return found?.gap ?? null;
  };
}

/** By timeline and by place: a gap at a switch says nothing of what an older timeline misses elsewhere. */
const isUpTo = (a: SegmentName, b: SegmentName): boolean =>
  (a.timeline ?? '') <= (b.timeline ?? '') && numberOnTimeline(a) <= numberOnTimeline(b);
