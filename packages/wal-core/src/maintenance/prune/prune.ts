/**
 * Prunes an archive: raises the floors durably, then removes what has been below a floor for the grace period.
 *
 * A call removes what it or an earlier call put below a floor long enough ago, and never waits: the next call
 * continues. Where
 * it is interrupted, the floors stay, and the next call removes the remaining objects. Any number of calls may run at
 * the same
 * time.
 */
import { WalqError } from '../../base/failure/walq-error.ts';
import type { ManifestIndex } from '../../reading/manifest-index.ts';
import {
  amountOf,
  planRetention,
  type Amount,
  type PrunePlan,
  type ArchivedFile,
} from '../retention/plan.ts';
import { describeRules, type RetentionRules } from '../retention/rules.ts';
import {
  forgetRecord,
  raiseFloors,
  makeFloorsDurable,
  surpassed,
  raisedBy,
  readFloorRecords,
  type FloorRecord,
} from '../../archive/floor-records.ts';
import { isBelowFloor } from '../../archive/floor.ts';
import type { SegmentNaming } from '../../source/naming.ts';
import type { ArchiveStore } from '../../store/store.ts';
import { forgetRecordsOf, removeObjects, type Removal } from './remove-objects.ts';
import { readArchive } from './read-archive.ts';

export interface PruneOptions {
  readonly store: ArchiveStore;
  readonly source: string;
  readonly naming: SegmentNaming;
  readonly rules: RetentionRules;
  /**
   * How long an object is below a floor before it is removed, in milliseconds, so that restores that were running
   * when the
   * floor was raised can finish. Counts from the floor's record.
   */
  readonly graceMs: number;
  /** Cache of manifests that were read before. */
  readonly index: ManifestIndex;
  /** Host and process, for the floor's record. */
  readonly by: string;
  readonly signal: AbortSignal;
  /** Awaited before a floor is raised; a rejection ends the call, and nothing was changed. */
  readonly beforeRaise?: (plan: PrunePlan) => void | Promise<void>;
  /** Called with the number of files to remove, before the first. */
  readonly onStart?: (files: number) => void;
  readonly onFile?: (segment: string) => void;
  readonly onStep?: PruneStepListener;
}

export interface PruneReport extends Removal {
  readonly plan: PrunePlan;
  /** Files below a floor that are not removed yet, because the grace period is not over. */
  readonly waiting: Amount;
  /** When the first of the waiting files may be removed, milliseconds since 1970; null where none waits. */
  readonly waitingUntilMs: number | null;
}

/** What pruning would do now; changes nothing. */
export async function planPrune(options: PruneOptions): Promise<PrunePlan> {
  return (await plan(options)).plan;
}

/**
 * Rejects with `floor-malformed` where a floor's record is damaged, with `segment-unknown` where a rule names a
 * segment above
 * everything that is archived, or with the store's failure.
 */
export async function prune(options: PruneOptions): Promise<PruneReport> {
  const { store, source, signal, onStep = () => undefined, onFile } = options;
  const { plan: planned, nowMs } = await plan(options);
  if (planned.isRaised) await options.beforeRaise?.(planned);
  const raised = planned.isRaised ? await raise(options, planned, nowMs) : undefined;
  const { pastGrace, inGrace } = byAge(await soundRecords(options), options.graceMs);
  const found = pastGrace.filter(({ name }) => name !== raised);
  await makeFloorsDurable(store, source, found);
  const floorsPastGrace = raisedBy(pastGrace);
  const isPastGrace = ({ segment }: ArchivedFile): boolean =>
    isBelowFloor(floorsPastGrace, segment);
  const toDelete = planned.toDelete.filter(isPastGrace);
  options.onStart?.(toDelete.length);
  await forgetRecordsOf(options, toDelete);
  const work = { store, source, signal, onStep, onFile: onFile ?? (() => undefined) };
  const removal = await removeObjects(work, toDelete);
  await forget(options, pastGrace, onStep);
  const waiting = amountOf(planned.toDelete.filter((file) => !isPastGrace(file)));
  const until = inGrace[0] === undefined ? null : inGrace[0].atMs + options.graceMs;
  return { plan: planned, ...removal, waiting, waitingUntilMs: waiting.files > 0 ? until : null };
}

/** Returns the name of the floor's record, which is durable. */
async function raise(
  { store, source, rules, by, signal, onStep = () => undefined }: PruneOptions,
  { floors }: PrunePlan,
  atMs: number,
): Promise<string> {
  const said = describeRules(rules);
  signal.throwIfAborted();
  await onStep('raise', said);
  const name = await raiseFloors(store, source, { floors, atMs, rules: said, by });
  await onStep('raised', said);
  return name;
}

async function plan(options: PruneOptions): Promise<{ plan: PrunePlan; nowMs: number }> {
  const { rules, naming } = options;
  const standing = raisedBy(await soundRecords(options));
  const index = rules.keepDays === undefined ? undefined : options.index;
  const files = await readArchive({ ...options, index });
  // Taken after the listing: what was archived during it is younger.
  const nowMs = Date.now();
  return { plan: planRetention({ files, standing, rules, naming, nowMs }), nowMs };
}

function byAge(records: readonly FloorRecord[], graceMs: number) {
  const graceStartMs = Date.now() - graceMs;
  const isPastGrace = ({ atMs }: FloorRecord): boolean => atMs <= graceStartMs;
  return {
    pastGrace: records.filter(isPastGrace),
    inGrace: records.filter((record) => !isPastGrace(record)),
  };
}

/** Removes records past the grace period that a newer such record covers. */
async function forget(
  { store, source, signal }: PruneOptions,
  pastGrace: readonly FloorRecord[],
  onStep: PruneStepListener,
): Promise<void> {
  for (const record of surpassed(pastGrace)) {
    signal.throwIfAborted();
    await onStep('forget', record.name);
    await forgetRecord(store, source, record);
    await onStep('forgotten', record.name);
  }
}

async function soundRecords({ store, source }: PruneOptions): Promise<readonly FloorRecord[]> {
  const { records, damaged } = await readFloorRecords(store, source);
  const [first] = damaged;
  if (first === undefined) return records;
  throw new WalqError('floor-malformed', {
    message: `unable to read the prune floor ${source}/_walq/floors/${first}.json: it is damaged, belongs to another source, or was written by a newer walq`,
  });
}

/** The steps of pruning, in order. Each is announced, so that a test can fail or kill the process there. */
export const pruneSteps = ['raise', 'raised', 'remove', 'removed', 'forget', 'forgotten'] as const;

export type PruneStep = (typeof pruneSteps)[number];

/** Awaited at each step, with the segment or record concerned. A rejection ends the pruning there. */
export type PruneStepListener = (step: PruneStep, what: string) => void | Promise<void>;
