/** Receipt → the source is gone, durably (I1, I2). The only place in walq that removes a segment. */
import { fingerprintOf, sameFingerprint } from '../compress/index.ts';
import { assertIssued, type ArchiveReceipt } from '../confirm/index.ts';
import { isMissing, sourceFailure, WalqError } from '../failure/index.ts';
import type { PipelineContext } from '../pipeline/context.ts';
import type { SealedGate } from '../segment/index.ts';

export interface DeleteOptions {
  readonly gate: SealedGate;
  /** Asked last of all; throws when the right to go on was lost, such as a lease. */
  readonly beforeDelete: () => void;
}

/** What became of the source; `kept` when the source is one that keeps, or the segment is its newest. */
export type Deletion = 'deleted' | 'kept' | 'gone-already';

export async function deleteSource(
  context: PipelineContext,
  receipt: ArchiveReceipt,
  options: DeleteOptions,
): Promise<Deletion> {
  assertIssued(receipt);
  const { source, name, path } = receipt.segment;
  if (source.afterArchive === 'keep' || !(await options.gate.hasNewer(name))) return 'kept';
  await context.onStep('compare-source', name.name);
  options.beforeDelete();
  try {
    if (!(await isUnchanged(context, receipt))) return 'gone-already';
    await context.onStep('unlink-source', name.name);
    await context.disk.unlink(path);
    await context.onStep('sync-source', name.name);
    await context.disk.syncDirectory(source.directory);
  } catch (error) {
    if (isMissing(error)) return 'gone-already';
    throw sourceFailure(`delete ${path}`, error);
  }
  return 'deleted';
}

/** False when the source is gone; throws `source-changed` when it is not the file that was archived. */
async function isUnchanged(context: PipelineContext, receipt: ArchiveReceipt): Promise<boolean> {
  const { path, fingerprint } = receipt.segment;
  const state = await context.disk.lstat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (state === undefined) return false;
  if (state.kind === 'file' && sameFingerprint(fingerprintOf(state), fingerprint)) return true;
  throw new WalqError('source-changed', {
    message: `${path} is not the file that was archived any more`,
  });
}
