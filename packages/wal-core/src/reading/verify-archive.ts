/** Verifies an archive by its names and by each object's manifest. `checkObjects` (checks/) reads objects in full. */
import type { CheckHistory } from './checks/check-history.ts';
import type { CorruptObject } from './checks/corrupt-objects.ts';
import {
  assertSameShard,
  toFault,
  type CheckFault,
  type CheckRecord,
  type FoundObject,
} from './checks/check-record.ts';
import type { FailureCode } from '../base/failure/catalogue.ts';
import type { KnownGap } from '../archive/acknowledged-gaps.ts';
import { compareSegments, type SegmentName } from '../source/segment-name.ts';
import { gapsOf } from './spans/span-list.ts';
import { SpanFinder } from './spans/span-finder.ts';
import { assertMatchesKey, readManifest } from '../store/stored-object.ts';
import { keyPath, type ArchiveKey } from '../store/archive-key.ts';
import type { ObjectStat } from '../store/store.ts';
import { toArchivedSegment } from './manifest-index.ts';
import { readGapRules, type GapRules } from './gap-rules.ts';
import {
  keysInOrder,
  aboveFloors,
  isWithin,
  withinRange,
  type OrderedKey,
} from './keys-in-order.ts';
import type { ListOptions } from './list-archive.ts';
import { mapInOrder } from './map-in-order.ts';
import type { SegmentNaming } from '../source/naming.ts';
import type { CheckedObject } from './checks/check-objects.ts';

export interface VerifyOptions extends Omit<ListOptions, 'onUnreadable'> {
  /** Whether a number that is left out is a missing segment. With false no gaps are found. */
  readonly consecutive: boolean;
  /** Segments that are still at the source, in order; they do not count as gaps. @default none */
  readonly atSource?: readonly SegmentName[];
  /** False skips the manifests, for a caller that reads every object in full afterwards. @default true */
  readonly readsManifests?: boolean;
  /** Earlier checks: an object that was found corrupt and has not changed is reported again. */
  readonly checkHistory?: CheckHistory;
  /** Objects that full reads found corrupt, on any machine, and none has found sound since. */
  readonly corrupt?: readonly CorruptObject[];
  readonly signal?: AbortSignal;
  readonly onObject?: (object: VerifiedObject) => void;
}

export interface VerifiedObject extends FoundObject {
  readonly known: CheckRecord | undefined;
}

export interface CorruptSegment {
  readonly source: string;
  readonly segment: string;
  /** Path of the object, relative to the archive's root. */
  readonly key: string;
  readonly code: FailureCode;
  readonly message: string;
}

export interface SourceVerification {
  readonly segments: number;
  /** Acknowledged gaps included. */
  readonly gaps: readonly KnownGap[];
  /** In order. */
  readonly corrupt: readonly CorruptSegment[];
  /** Keys of PostgreSQL's history files that cannot be parsed, even where their bytes are sound. */
  readonly unreadableHistories: ReadonlySet<string>;
  /** PostgreSQL's timelines without a history file: gaps at their start are not found. */
  readonly uncheckedTimelines: readonly string[];
}

const READS_MAX = 16;

/**
 * Rejects when the archive cannot be read; problems within it are the result. Segments below the prune floor are left
 * out.
 */
export async function verifyArchive(options: VerifyOptions): Promise<SourceVerification> {
  const { store, source, naming } = options;
  const rules = await readGapRules(options);
  const spans = spanFinder(options, rules);
  const corrupt: CorruptSegment[] = [];
  let segments = 0;
  const ordered = keysInOrder(store, source, naming);
  const keys = aboveFloors(withinRange(ordered, options.range), rules.floors);
  const found = new Map(options.corrupt?.map((one) => [one.key, one]));
  const inspectOne = (key: OrderedKey) => inspect(options, rules, key, found);
  for await (const { key, name, object, fault } of mapInOrder(keys, READS_MAX, inspectOne)) {
    segments += 1;
    spans.next(name);
    if (fault !== undefined)
      corrupt.push({ source, segment: name.name, key: keyPath(key), ...fault });
    if (object !== undefined) options.onObject?.(object);
  }
  const gaps = gapsOf(source, spans.finish());
  const unreadable = corrupt.filter(({ segment }) => rules.unreadable.has(segment));
  return {
    segments,
    gaps,
    corrupt,
    unreadableHistories: new Set(unreadable.map(({ key }) => key)),
    uncheckedTimelines: spans.uncheckedTimelines,
  };
}

function spanFinder(
  { consecutive, atSource = [], range = {} }: VerifyOptions,
  rules: GapRules,
): SpanFinder {
  return new SpanFinder({
    ...rules,
    consecutive,
    until: range.until,
    atSource: atSource
      .filter((segment) => isWithin(segment, range))
      .map((segment) => ({ segment, state: 'due' })),
  });
}

interface Inspected extends OrderedKey {
  /** Undefined where the object was removed during the read, or the entry is not an object. */
  readonly object?: VerifiedObject;
  readonly fault?: CheckFault;
}

async function inspect(
  options: VerifyOptions,
  { unreadable }: GapRules,
  { key, name }: OrderedKey,
  found: ReadonlyMap<string, CorruptObject>,
): Promise<Inspected> {
  options.signal?.throwIfAborted();
  let object: VerifiedObject | undefined;
  try {
    const stat = await options.store.stat(key);
    if (stat === undefined) return { key, name };
    const { sizeBytes: objectBytes, identity = '' } = stat;
    const known = options.checkHistory?.find({ key, name, objectBytes, identity });
    object = { key, name, objectBytes, identity, known };
    assertSameShard(key, name);
    const history = unreadable.get(name.name);
    if (history !== undefined) throw history;
    if (options.readsManifests ?? true) await checkManifest(options, key, stat);
    const fault = faultOf(known, found.get(keyPath(key)));
    return { key, name, object, ...(fault && { fault }) };
  } catch (error) {
    return { key, name, fault: toFault(error), ...(object && { object }) };
  }
}

/** A check on this machine counts where it is newer than the archive's record. */
function faultOf(
  known: CheckRecord | undefined,
  found: CorruptObject | undefined,
): CheckFault | undefined {
  const isNewer = found === undefined || (known?.checkedAtMs ?? 0) > Date.parse(found.foundAt);
  if (known !== undefined && isNewer) return known.fault;
  return (
    found && {
      code: found.code,
      message: `${found.message}; found ${found.foundAt} by ${found.by}`,
    }
  );
}

/** An object in the index has a manifest that was read before and names this segment. */
async function checkManifest(
  { store, index }: VerifyOptions,
  key: ArchiveKey,
  stat: ObjectStat,
): Promise<void> {
  if (index?.get(key, stat) !== undefined) return;
  const manifest = await readManifest(store, key);
  if (manifest === undefined) return;
  assertMatchesKey(manifest, key);
  index?.add(toArchivedSegment(key, manifest, stat.sizeBytes), stat);
}

/**
 * Merges the results of full reads into a verification. A full read takes precedence, except for a history file that
 * decodes
 * and cannot be parsed.
 */
export function mergeCheckResults(
  verification: SourceVerification,
  checked: readonly CheckedObject[],
  naming: SegmentNaming,
): SourceVerification {
  const corrupt = new Map(verification.corrupt.map((one) => [one.key, one]));
  for (const { object, fault } of checked) {
    const key = keyPath(object.key);
    const { source, segment } = object.key;
    if (fault !== undefined) corrupt.set(key, { source, segment, key, ...fault });
    else if (!verification.unreadableHistories.has(key)) corrupt.delete(key);
  }
  return { ...verification, corrupt: inOrder([...corrupt.values()], naming) };
}

function inOrder(corrupt: readonly CorruptSegment[], naming: SegmentNaming): CorruptSegment[] {
  const named = corrupt.flatMap((one) => {
    const name = naming.parse(one.segment);
    return name === undefined ? [] : [{ one, name }];
  });
  return named.toSorted((a, b) => compareSegments(a.name, b.name)).map(({ one }) => one);
}
