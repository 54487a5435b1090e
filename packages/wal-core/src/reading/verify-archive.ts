/**
 * Whether an archive can be trusted, by its names and by what each object says of itself. Every byte is read by
 * `checkObjects` (checks/).
 */
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
  /** Whether a number that is left out is a missing segment: false finds no gaps. */
  readonly consecutive: boolean;
  /** Segments that are still at the source, in order: what is waiting there is no gap. @default none */
  readonly atSource?: readonly SegmentName[];
  /** Leaves the manifests alone, for who reads every byte afterwards. @default true */
  readonly readsManifests?: boolean;
  /** What was found corrupt before, and is the same since, is told again. */
  readonly checkHistory?: CheckHistory;
  /** What full reads found corrupt, here or elsewhere, and none has found sound since. */
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
  /** Where the object is, relative to the archive's root. */
  readonly key: string;
  readonly code: FailureCode;
  readonly message: string;
}

export interface SourceVerification {
  readonly segments: number;
  /** Those that were acknowledged among them. */
  readonly gaps: readonly KnownGap[];
  /** In order. */
  readonly corrupt: readonly CorruptSegment[];
  /** Keys of PostgreSQL's history files that cannot be followed, whether their bytes are sound or not. */
  readonly unreadableHistories: ReadonlySet<string>;
  /** PostgreSQL's timelines of which no history says where they begin: gaps there are not found. */
  readonly uncheckedTimelines: readonly string[];
}

const READS_MAX = 16;

/**
 * Rejects when the archive cannot be read at all; what is wrong within it is the result. What lies below the
 * prune floor is left out.
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
  /** Undefined where it is gone again, or no object. */
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

/** What this machine read of the very object counts, where it is newer than what somebody found. */
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

/** Of one that is in the index, the manifest was read before, and says this name. */
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
 * What a verification found, once some of its objects were read: their bytes say more than anything before, but for
 * a history file that decodes and cannot be followed.
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
