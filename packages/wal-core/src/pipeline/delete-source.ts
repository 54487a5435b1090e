/** Receipt → the source is gone, durably (I1, I2). The only place in walq that removes a segment. */
import { fingerprintOf, sameFingerprint } from '../codec/fingerprint.ts';
import { assertIssued, type ArchiveReceipt } from './confirm.ts';
import { ifPresent, isMissing, sourceFailure } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import type { SegmentRun } from './segment-run.ts';
import type { Source } from '../source/source.ts';

type DeleteRun = Pick<SegmentRun, 'disk' | 'onStep' | 'gate' | 'beforeDelete'>;

/**
 * False, and nothing is done, for a source that keeps and for the newest segment of a source; true where the file is
 * gone, also where it was already. Rejects with `source-changed`, `source-io`, or what the gate says when the segment does not
 * count as flushed any more.
 */
export async function deleteSource(run: DeleteRun, receipt: ArchiveReceipt): Promise<boolean> {
  assertIssued(receipt);
  const { source, name } = receipt.segment;
  if (keeps(source) || !(await run.gate.hasNewer(name))) return false;
  await run.onStep('compare-source', name.name);
  // The watermark may have been taken back since the segment was admitted, or the engine have begun anew.
  await run.gate.admit(name);
  if (!(await isUnchanged(run, receipt))) return true;
  await run.onStep('unlink-source', name.name);
  run.beforeDelete();
  await removeDurably(run, receipt);
  return true;
}

/**
 * What counts as sealed by `skip-newest` is a guess that nothing is deleted on, whatever a source says, and
 * what is ready is PostgreSQL's own.
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

/** False when the source is gone; throws `source-changed` when it is not the file that was archived. */
async function isUnchanged(run: DeleteRun, receipt: ArchiveReceipt): Promise<boolean> {
  const { path, fingerprint } = receipt.segment;
  const state = await ifPresent(run.disk.lstat(path), (error) =>
    sourceFailure(`stat ${path}`, error),
  );
  if (state === undefined) return false;
  if (state.kind === 'file' && sameFingerprint(fingerprintOf(state), fingerprint)) return true;
  throw new WalqError('source-changed', {
    message: `${path} is not the file that was archived any more`,
  });
}
