/** Receipt → the source file is deleted durably (I1, I2). The only place in walq that deletes a segment. */
import { fingerprintOf, sameFingerprint } from '../codec/fingerprint.ts';
import { assertIssued, type ArchiveReceipt } from './confirm.ts';
import { ifPresent, isMissing, sourceFailure } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { isLeaseFresh } from './lease.ts';
import type { SegmentRun } from './segment-run.ts';
import type { Source } from '../source/source.ts';

type DeleteRun = Pick<SegmentRun, 'disk' | 'onStep' | 'gate' | 'signal' | 'lease'>;

/**
 * False, without any action, for a source that keeps its files and for the newest segment of a source; true where the
 * file
 * is gone, also where it was gone before. Rejects with `source-changed`, `source-io`, or the gate's failure when the
 * segment no longer counts as flushed.
 */
export async function deleteSource(run: DeleteRun, receipt: ArchiveReceipt): Promise<boolean> {
  assertIssued(receipt);
  const { source, name } = receipt.segment;
  if (keeps(source) || !(await run.gate.hasNewer(name))) return false;
  await run.onStep('compare-source', name.name);
  // The watermark may have been lowered since the segment was admitted, or the engine may have started over.
  await run.gate.admit(name);
  if (!(await isUnchanged(run, receipt))) return true;
  await run.onStep('unlink-source', name.name);
  assertMayDelete(run, name.name);
  await removeDurably(run, receipt);
  return true;
}

/** @throws WalqError `cancelled` */
function assertMayDelete({ signal, lease }: DeleteRun, segment: string): void {
  const isLost = lease !== undefined && !isLeaseFresh(lease);
  if (!signal.aborted && !isLost) return;
  const why = isLost ? ': the lease on its job may have been lost' : '';
  const message = `archiving of ${segment} was cancelled before its source was deleted${why}`;
  throw new WalqError('cancelled', { message, cause: signal.reason });
}

/**
 * With `skip-newest` sealed is an estimate, so nothing is deleted on it, whatever the source is configured to. Ready
 * files
 * belong to PostgreSQL.
 */
const keeps = (source: Source): boolean =>
  source.afterArchive === 'keep' || source.sealedRule.kind !== 'watermark';

async function removeDurably(run: DeleteRun, receipt: ArchiveReceipt): Promise<void> {
  const { source, name, path } = receipt.segment;
  try {
    await run.disk.unlink(path);
    await run.onStep('sync-source', name.name);
    await run.disk.syncDirectory(source.directory);
  } catch (error) {
    if (!isMissing(error)) throw sourceFailure(`delete ${path}`, error);
  }
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
