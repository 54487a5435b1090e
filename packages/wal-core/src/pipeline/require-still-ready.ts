/**
 * PostgreSQL renames a segment it has done with and writes new WAL into the same file. What was read counts
 * only when, after the last byte, the same file was still there under its name and still ready.
 */
import type { Fingerprint } from '../codec/fingerprint.ts';
import { isMissing, sourceFailure } from '../base/failure/system-error.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { nameOfEmpty } from '../source/postgres/wal-file.ts';
import type { SealedGate } from '../source/sealed-gate.ts';
import type { PipelineContext } from './context.ts';
import type { SourceSegment } from './segment-states.ts';

/** @throws WalqError `source-changed`, or `segment-not-flushed` where PostgreSQL has its answer already */
export async function requireStillReady(
  { disk, onStep }: PipelineContext,
  segment: SourceSegment,
  gate: SealedGate,
  read: Fingerprint,
): Promise<void> {
  if (segment.source.sealedRule.kind !== 'ready') return;
  await onStep('recheck', segment.name.name);
  const now = await disk.lstat(segment.path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw sourceFailure(`look at ${segment.path}`, error);
  });
  await gate.admit(segment.name);
  const isSame =
    now?.kind === 'file' &&
    now.device === read.device &&
    now.inode === read.inode &&
    now.size === read.size &&
    now.mtimeNs === read.mtimeNs &&
    isUnderItsKey(segment, read);
  if (isSame) return;
  throw new WalqError('source-changed', {
    message: `${segment.path} is not the file any more that was read`,
  });
}

/** An empty file beside the segments has a key of its own, which was chosen before it was read. */
function isUnderItsKey({ name, key }: SourceSegment, read: Fingerprint): boolean {
  const ofEmpty = nameOfEmpty(name.name);
  return ofEmpty === undefined || (key.segment === ofEmpty) === (read.size === 0n);
}
