/**
 * Archives again, in this process, segments that are still at the source and missing or corrupt in the archive. Each
 * segment
 * takes the usual path, which proves an existing object; only a damaged object needs more.
 */
import {
  forgetCorruptObject,
  listCorruptObjects,
  type CorruptObject,
} from '../../reading/checks/corrupt-objects.ts';
import {
  inParallel,
  tryBatch,
  type ArchiveDueOptions,
  type Tried,
} from '../../pipeline/try-segments.ts';
import { asWalqError, isWalqError, WalqError } from '../../base/failure/walq-error.ts';
import type { Archiver } from '../../pipeline/archiver.ts';
import { only } from '../../pipeline/batch-results.ts';
import type { ReplaceReason } from '../../pipeline/replace-object.ts';
import type { SegmentReport } from '../../pipeline/report.ts';
import { findQuarantined, quarantineFilter, listQuarantine } from '../../archive/quarantine.ts';
import { compareSegments, type SegmentName } from '../../source/segment-name.ts';
import { archiveKeyOf, keyPath } from '../../store/archive-key.ts';
import { releaseSegment } from './find-repairs.ts';
import {
  isUnfinished,
  listRepairs,
  type Repair,
  replacementNumber,
} from '../../archive/repairs.ts';
import { replaceSegment, type Replacing } from './replace-segment.ts';
import { segmentsOf } from '../../source/scan.ts';
import type { Disk } from '../../base/disk/disk.ts';
import type { OpenSource } from '../../pipeline/open-source.ts';
import { isBelowFloor } from '../../archive/floor.ts';

const OUTCOME_PROVED = 'the archive holds the content of the source';

export interface RearchiveOptions extends Replacing, ArchiveDueOptions {
  readonly archiver: Archiver;
  readonly segments: readonly SegmentName[];
  /** Whether to replace objects that do not decode. Otherwise they are reported and left unchanged. */
  readonly replaceCorrupt: boolean;
  /** Whether to replace objects that hold only the beginning of a file that grew. Default: false. */
  readonly replaceGrown?: boolean;
  /** Called for each replaced object, with the place of the old object, relative to the archive. */
  readonly onReplaced?: ((segment: string, aside: string) => void) | undefined;
}

interface Run extends RearchiveOptions {
  readonly worker: string;
  /** Read before the repair: only repairs and quarantine records from before are resolved by its proof. */
  readonly wasQuarantined: (segment: string) => boolean;
  readonly unfinished: readonly Repair[];
  readonly corrupt: ReadonlyMap<string, CorruptObject>;
}

/**
 * Returns one report for each segment. Rejects with `cancelled` when the signal is aborted. The caller releases the
 * lock.
 */
export async function rearchive(options: RearchiveOptions): Promise<SegmentReport[]> {
  const { archiver, context, open, segments } = options;
  const unfinished = (await listRepairs(open.store, open.source.name)).filter(isUnfinished);
  const wasQuarantined = await quarantineFilter(open.store, open.source.name);
  const known = await listCorruptObjects(open.store, open.source.name);
  const corrupt = new Map(known.map((one) => [one.key, one]));
  const run: Run = { ...options, corrupt, worker: context.worker, wasQuarantined, unfinished };
  options.onStart?.(segments.length);
  return inParallel(segments, archiver.parallelism, options, async (segment, signal) => [
    await repairOne(run, segment, signal),
  ]);
}

async function repairOne(run: Run, segment: SegmentName, signal: AbortSignal): Promise<Tried> {
  const ids = run.unfinished
    .map(({ id }) => id)
    .filter((id) => replacementNumber(segment.name, id) !== undefined);
  let tried: Tried = only(await tryBatch(run, [segment], signal));
  const reason = reasonToReplace(run, tried[1]);
  if (reason !== undefined)
    tried = await replaceAndTry(run, segment, reason, signal, ids, tried[0]);
  if (tried[1] === undefined) await finishRepair(run, segment, ids);
  return tried;
}

/**
 * A duplicate may be an object that names another segment. One that names this segment is found sound and left
 * unchanged.
 */
function reasonToReplace(run: Run, failure: WalqError | undefined): ReplaceReason | undefined {
  if (run.replaceCorrupt && mayBeDamage(failure)) return 'damaged';
  return run.replaceGrown === true && failure?.code === 'segment-grew' ? 'grown' : undefined;
}

const mayBeDamage = (failure: WalqError | undefined): boolean =>
  isWalqError(failure, 'object-corrupt', 'object-foreign', 'duplicate');

async function replaceAndTry(
  run: Run,
  segment: SegmentName,
  reason: ReplaceReason,
  signal: AbortSignal,
  ids: string[],
  report: SegmentReport,
): Promise<Tried> {
  try {
    const { id, replaced, aside } = await replaceSegment(run, segment, reason, signal);
    if (replaced === 'replaced') ids.push(id);
    if (aside !== null) run.onReplaced?.(segment.name, aside);
  } catch (error) {
    if (isWalqError(error, 'cancelled')) throw error;
    return [{ ...report, outcome: 'failed' }, notReplaced(segment, asWalqError(error))];
  }
  return only(await tryBatch(run, [segment], signal));
}

/** Replaces the catalogue's hint for a missing source, which assumes a sound object. */
function notReplaced({ name }: SegmentName, failure: WalqError): WalqError {
  if (failure.code !== 'source-missing') return failure;
  return new WalqError('object-corrupt', {
    message: `the object of ${name} does not decode, and there is no source file to replace it with: ${failure.message}`,
    hint: 'Copy the segment to the source, then repeat the command.',
    cause: failure,
  });
}

/** The archive holds the content of the source: ends the repairs and releases the segment from quarantine. */
async function finishRepair(
  { context, open, log, corrupt, wasQuarantined }: Run,
  segment: SegmentName,
  ids: readonly string[],
): Promise<void> {
  const { store, source } = open;
  const { name } = segment;
  await context.onStep('end-replace', name);
  const damage = corrupt.get(keyPath(archiveKeyOf(source.name, segment)));
  if (damage !== undefined) await forgetCorruptObject(store, source.name, damage);
  for (const id of ids) await log.end(id, OUTCOME_PROVED);
  if (ids.length === 0 && !wasQuarantined(name)) return;
  const record = await findQuarantined(store, source.name, name);
  if (record !== undefined) await releaseSegment({ store, source: source.name, log }, record);
}

/**
 * The segments that can be archived again: those at the source that are sealed and flushed, and those of unfinished
 * repairs.
 * Segments that stalled workers are left out, because they must be tried alone; so are those below the prune floor.
 * In order;
 * memory grows with the source's directory.
 */
export async function segmentsToRearchive(
  disk: Disk,
  { source, store, gate, retention }: OpenSource,
): Promise<readonly SegmentName[]> {
  const there: SegmentName[] = [];
  for await (const segment of segmentsOf(disk, source)) there.push(segment);
  const sealed = await gate.sealedAmong(there);
  const records = await listQuarantine(store, source.name);
  const deadly = new Set(
    records.filter(({ code }) => code === 'worker-stalled').map(({ segment }) => segment),
  );
  const found = new Map(
    sealed.filter(({ name }) => !deadly.has(name)).map((one) => [one.name, one]),
  );
  for (const { began } of (await listRepairs(store, source.name)).filter(isUnfinished)) {
    const segment = source.naming.parse(began?.segment ?? '');
    if (segment !== undefined) found.set(segment.name, segment);
  }
  const floors = await retention.floors();
  const kept = [...found.values()].filter((segment) => !isBelowFloor(floors, segment));
  return kept.toSorted(compareSegments);
}
