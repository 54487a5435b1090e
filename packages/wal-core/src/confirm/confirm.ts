/** Stored segment → receipt: the one place that decides that an archived copy is right (I1, I3). */
import { sameChecksum } from '../compress/index.ts';
import { isWalqError, WalqError } from '../failure/index.ts';
import type { PipelineContext } from '../pipeline/context.ts';
import type { MeasuredSegment, StoredSegment } from '../pipeline/segment-states.ts';
import type { DecodedObject } from './decode-object.ts';
import { issueReceipt, type ArchiveReceipt } from './receipt.ts';
import { keyPath, parseManifest } from '../store/index.ts';

/**
 * An object that this process published was decoded and compared as a staged file, and publishing gave
 * that same file its name. One that was found is decoded now, and made durable by this process itself.
 */
export async function confirm(
  context: PipelineContext,
  stored: StoredSegment,
  signal: AbortSignal,
): Promise<ArchiveReceipt> {
  await context.onStep('confirm', stored.name.name);
  if (stored.origin === 'published') {
    return issueReceipt({ segment: stored, objectBytes: stored.objectBytes, origin: 'published' });
  }
  const object = await decodeFound(context, stored, signal);
  refuseOtherContent(stored, object);
  await context.onStep('settle', stored.name.name);
  await context.store.settle(stored.key);
  return issueReceipt({ segment: stored, objectBytes: object.objectBytes, origin: 'found' });
}

async function decodeFound(
  context: PipelineContext,
  stored: MeasuredSegment,
  signal: AbortSignal,
): Promise<DecodedObject> {
  const where = keyPath(stored.key);
  const local = await context.store.fetch(stored.key);
  if (local === undefined) {
    throw new WalqError('store-unavailable', { message: `${where} was there and is gone again` });
  }
  try {
    return await context.threads.decode({ objectPath: local.path, where }, signal);
  } catch (error) {
    if (isWalqError(error, 'object-missing')) {
      throw new WalqError('store-unavailable', { message: `${where} went away`, cause: error });
    }
    throw error;
  } finally {
    await local.release();
  }
}

/** Same content means equal length and source checksum after decoding, never equal compressed bytes. */
function refuseOtherContent(stored: MeasuredSegment, object: DecodedObject): void {
  const where = keyPath(stored.key);
  const manifest = parseManifest(where, object.manifestJson);
  const same =
    object.decoded.bytes === stored.bytes &&
    sameChecksum(object.decoded.sourceChecksum, stored.sourceChecksum);
  if (same && manifest.segment === stored.name.name) return;
  throw new WalqError('duplicate', {
    message: `the archive holds other content under ${where} than ${stored.path} (${object.decoded.bytes} bytes there, ${stored.bytes} here)`,
  });
}
