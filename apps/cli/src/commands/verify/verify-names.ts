/** The first part of a verification: names, gaps, and the manifest of each object. */
import {
  coverageOf,
  isWithin,
  keysInOrder,
  listCorruptObjects,
  nodeDisk,
  openCheckHistory,
  openManifestIndex,
  verifyArchive,
  type ChangedFile,
  type CheckHistory,
  type CheckRecord,
  type CorruptObject,
  type Coverage,
  type SegmentRange,
  type SourceVerification,
  type VerifiedObject,
} from '@walq/wal-core/internal';
import { cacheDirectory, stateDirectory } from '@walq/config/values';
import type { ArchivedSource } from '../../sources/archived-sources.ts';
import type { Call } from '../../command-line/command.ts';
import { rangeOf, type RangeOptions } from '../list.ts';
import { segmentsIfThere } from '../../sources/segments-at.ts';
import { saveIndex } from '../../terminal/notes.ts';
import { changedSince } from './changed-since.ts';
import { showProgress } from '../../terminal/progress.ts';

export interface VerifyOptions extends RangeOptions {
  readonly deep?: boolean;
  readonly incremental?: boolean;
  /** Milliseconds. */
  readonly budget?: number;
  readonly maxBytes?: number;
  readonly concurrency?: number;
}

/** One source so far. */
export interface VerifiedSource {
  readonly archived: ArchivedSource;
  readonly checkHistory: CheckHistory;
  readonly verification: SourceVerification;
  /** Corrupt objects that earlier full reads found, here or on another machine. */
  readonly corrupt: readonly CorruptObject[];
  /** How much of its contents this machine has read in full. */
  readonly coverage: Coverage;
  /** The source could not be listed, so an empty archive proves nothing. */
  readonly isSourceAway: boolean;
  /** Objects to read in full. */
  readonly objects: readonly VerifiedObject[];
  /** Files that were written after they were archived. */
  readonly changed: readonly ChangedFile[];
}

export async function verifyNames(
  call: Call<VerifyOptions>,
  archived: ArchivedSource,
): Promise<VerifiedSource> {
  const { name, store, naming, consecutive } = archived;
  const { deep = false, incremental = false } = call.options;
  const range = rangeOf(archived, call.options);
  const checkHistory = await openCheckHistory(nodeDisk, stateDirectory(), store.url, name);
  const index = await openManifestIndex(nodeDisk, cacheDirectory(), store.url, name);
  const corrupt = await listCorruptObjects(store, name);
  const objects: VerifiedObject[] = [];
  const checks: (CheckRecord | undefined)[] = [];
  const progress = await showProgress({
    doing: `verifying ${name}`,
    noun: 'segment',
    quiet: call.json,
  });
  try {
    if (!call.json) progress.total(await countSegments(archived, range));
    // List the source first: a segment that is archived during the listing is then seen twice, never missed.
    const there = await segmentsIfThere(archived);
    const verification = await verifyArchive({
      store,
      naming,
      consecutive,
      source: name,
      range,
      atSource: there ?? [],
      readsManifests: !deep || incremental,
      index,
      checkHistory,
      corrupt,
      signal: call.signal,
      onObject: (object) => {
        progress.advance(object.key.segment);
        checks.push(object.known);
        if (deep || incremental) objects.push(object);
      },
    });
    return {
      archived,
      checkHistory,
      verification,
      corrupt,
      coverage: coverageOf(checks),
      isSourceAway: there === undefined,
      objects,
      changed: await changedSince(archived, there ?? [], range, index),
    };
  } finally {
    progress.stop();
    await saveIndex(index);
  }
}

/** Counts names only, which is quick, so that the progress bar has a total. */
async function countSegments(
  { store, name, naming }: ArchivedSource,
  range: SegmentRange,
): Promise<number> {
  let count = 0;
  for await (const { name: segment } of keysInOrder(store, name, naming)) {
    if (isWithin(segment, range)) count += 1;
  }
  return count;
}
