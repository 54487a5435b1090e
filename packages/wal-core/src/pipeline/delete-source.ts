/** Receipts → the source files are deleted durably (I1, I2). The only place in walq that deletes a segment. */
import { ifPresent, sourceFailure } from '../base/failure/system-error.ts';
import { isWalqError, WalqError } from '../base/failure/walq-error.ts';
import { fingerprintOf, sameFingerprint } from '../codec/fingerprint.ts';
import { isLeaseFresh, isStopped } from '../codec/thread-signals.ts';
import type { Source } from '../source/source.ts';
import { settled } from './batch-results.ts';
import { assertIssued, type ArchiveReceipt } from './confirm.ts';
import type { BatchRun, Step } from './segment-run.ts';

type DeleteRun = Pick<BatchRun, 'source' | 'disk' | 'onStep' | 'gate' | 'signal' | 'lease'>;

/**
 * For each receipt, in order: false, without any action, for a source that keeps its files and for the newest segment of
 * a source; true where the file is gone, also where it was gone before; otherwise the failure: `source-changed`,
 * `source-io`, or the gate's where the segment no longer counts as flushed.
 */
export async function deleteSources(
  run: DeleteRun,
  receipts: readonly ArchiveReceipt[],
): Promise<readonly (boolean | WalqError)[]> {
  receipts.forEach(assertIssued);
  if (keeps(run.source)) return receipts.map(() => false);
  const older = new Set(await run.gate.olderAmong(receipts.map(nameOf)));
  const deletable = receipts.filter((receipt) => older.has(nameOf(receipt)));
  const failures = await deleteAll(run, deletable);
  return receipts.map((receipt) => failures.get(receipt) ?? older.has(nameOf(receipt)));
}

async function deleteAll(run: DeleteRun, receipts: readonly ArchiveReceipt[]): Promise<Failures> {
  const failures: Failures = new Map();
  const announce = (step: Step) => (receipt: ArchiveReceipt) =>
    run.onStep(step, nameOf(receipt).name);
  const compared = await passing(receipts, failures, announce('compare-source'));
  // The watermark may have been lowered since the segments were admitted, or the engine may have started over.
  const refusals = await settled(() => run.gate.refusals(compared.map(nameOf)));
  const removed = await passing(compared, failures, async (receipt) => {
    const refusal = isWalqError(refusals) ? refusals : refusals.get(nameOf(receipt).name);
    if (refusal !== undefined) throw refusal;
    return remove(run, receipt);
  });
  const announced = await passing(removed, failures, announce('sync-source'));
  if (announced.length === 0) return failures;
  // One fsync for all files that were removed: where it fails, it has failed for each of them.
  const failure = await settled(() => syncSource(run));
  if (isWalqError(failure)) for (const one of announced) failures.set(one, failure);
  return failures;
}

type Failures = Map<ArchiveReceipt, WalqError>;

/** Does the step for each, and notes those that fail; gives those for which it neither failed nor said false. */
async function passing(
  receipts: readonly ArchiveReceipt[],
  failures: Failures,
  step: (receipt: ArchiveReceipt) => unknown,
): Promise<readonly ArchiveReceipt[]> {
  const passed: ArchiveReceipt[] = [];
  for (const receipt of receipts) {
    const done = await settled(async () => step(receipt));
    if (isWalqError(done)) failures.set(receipt, done);
    else if (done !== false) passed.push(receipt);
  }
  return passed;
}

const syncSource = ({ disk, source: { directory } }: DeleteRun): Promise<unknown> =>
  ifPresent(disk.syncDirectory(directory), (error) =>
    sourceFailure(`make deletions in ${directory} durable`, error),
  );

const nameOf = ({ segment }: ArchiveReceipt) => segment.name;

/**
 * With `skip-newest` sealed is an estimate, so nothing is deleted on it, whatever the source is configured to. Ready
 * files belong to PostgreSQL.
 */
const keeps = (source: Source): boolean =>
  source.afterArchive === 'keep' || source.sealedRule.kind !== 'watermark';

/** False where the file was gone already. */
async function remove(run: DeleteRun, receipt: ArchiveReceipt): Promise<boolean> {
  if (!(await isUnchanged(run, receipt))) return false;
  const { path, name } = receipt.segment;
  await run.onStep('unlink-source', name.name);
  assertMayDelete(run, name.name);
  const removed = run.disk.unlink(path).then(() => true);
  return (await ifPresent(removed, (error) => sourceFailure(`delete ${path}`, error))) === true;
}

/** @throws WalqError `cancelled` */
function assertMayDelete({ signal, lease }: DeleteRun, segment: string): void {
  const isLost = lease !== undefined && !isLeaseFresh(lease);
  if (!isStopped(signal) && !isLost) return;
  const why = isLost ? ': the lease on its job may have been lost' : '';
  const message = `archiving of ${segment} was cancelled before its source was deleted${why}`;
  throw new WalqError('cancelled', { message });
}

/** False when the source file is gone; throws `source-changed` when it is not the file that was archived. */
async function isUnchanged(run: DeleteRun, receipt: ArchiveReceipt): Promise<boolean> {
  const { path, fingerprint } = receipt.segment;
  const state = await ifPresent(run.disk.lstat(path), (error) =>
    sourceFailure(`stat ${path}`, error),
  );
  if (state === undefined) return false;
  if (state.kind === 'file' && sameFingerprint(fingerprintOf(state), fingerprint)) return true;
  throw new WalqError('source-changed', {
    message: `${path} was changed or replaced after it was archived`,
  });
}
