/**
 * Gaps that an operator has acknowledged. Each is a durable record in the archive: `<source>/_walq/gaps/<name>.json`.
 */
import * as v from 'valibot';
import { nonEmptyString, time } from '../base/record-fields.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { sha256Of } from '../base/hash.ts';
import { jsonRecord } from '../base/json-record.ts';
import { numberOnTimeline, type SegmentName } from '../source/segment-name.ts';
import type { SegmentNaming } from '../source/naming.ts';
import { readRecords } from '../store/small-files.ts';
import type { ArchiveStore } from '../store/store.ts';

/** Segment numbers that are missing between two segments of the archive. */
export interface Gap {
  readonly source: string;
  /** The last segment before the gap, and the first after it. */
  readonly after: string;
  readonly before: string;
  /** How many numbers are missing. */
  readonly missing: number;
}

export interface KnownGap extends Gap {
  /** Null until an operator acknowledges the gap. */
  readonly acknowledged: AcknowledgedGap | null;
}

/** A gap that an operator has acknowledged. The record stays in the archive; nothing removes it. */
export interface AcknowledgedGap {
  /** The last segment before the gap, and the first after it. */
  readonly after: string;
  readonly before: string;
  /** Why the segments are missing, in the operator's words. */
  readonly reason: string;
  /** Who acknowledged it: `user@host`. */
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
}

const FOLDER = 'gaps';

const format = jsonRecord({
  source: v.string(),
  after: nonEmptyString,
  before: nonEmptyString,
  reason: v.string(),
  by: v.string(),
  at: time,
});

/**
 * Writes the record durably. `exists` when the gap was acknowledged before: the first record stays unchanged. A
 * damaged
 * record acknowledges nothing and is written again. A record of a newer walq is refused with
 * `archive-format-unknown`.
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

/** All acknowledged gaps of a source. The gap of a damaged record counts as not acknowledged. */
export async function listAcknowledgedGaps(
  store: ArchiveStore,
  source: string,
): Promise<readonly AcknowledgedGap[]> {
  const records = await readRecords(store, source, FOLDER);
  const gaps = records.map(({ name, text }) => parse(source, name, text));
  const found = gaps.filter((gap) => gap !== undefined);
  return found.toSorted((a, b) => (a.after < b.after ? -1 : 1));
}

/** Hashed, so that any segment names make a valid file name. */
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

/** The record that acknowledges the gap between two segments; null where there is none. */
export type ExplainGap = (after: SegmentName, before: SegmentName) => AcknowledgedGap | null;

/**
 * A gap counts as acknowledged when it lies wholly within an acknowledged range. A gap that became smaller stays
 * acknowledged; a gap that grew does not.
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

/**
 * Compares the timeline as well: an acknowledged gap at a timeline switch does not cover gaps elsewhere on the older
 * timeline.
 */
const isUpTo = (a: SegmentName, b: SegmentName): boolean =>
  (a.timeline ?? '') <= (b.timeline ?? '') && numberOnTimeline(a) <= numberOnTimeline(b);
