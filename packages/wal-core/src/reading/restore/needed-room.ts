import { join } from 'node:path';
import type { Disk } from '../../base/disk/disk.ts';
import { isMissing } from '../../base/failure/system-error.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import { mapInOrder } from '../map-in-order.ts';
import type { ManifestIndex } from '../manifest-index.ts';
import type { OrderedKey } from '../in-order.ts';
import { keyPath } from '../../store/archive-key.ts';
import { readManifest } from '../../store/stored-object.ts';
import type { ArchiveStore } from '../../store/store.ts';
import { destinationFailure } from './destination-failure.ts';

interface RoomOptions {
  readonly disk: Disk;
  readonly store: ArchiveStore;
  readonly destination: string;
  /** Spares the reading of manifests that were read before. */
  readonly index?: ManifestIndex;
  readonly signal: AbortSignal;
}

const READS_MAX = 16;
/** Files take whole blocks. */
const BLOCK_BYTES = 4096;

/**
 * Refuses what does not fit, before anything is written: by the manifests of those that are not at the
 * destination yet. A file that is there with another length is refused as well.
 */
export async function refuseNoRoom(
  options: RoomOptions,
  keys: readonly OrderedKey[],
): Promise<void> {
  const { disk, destination, signal } = options;
  let needed = 0;
  const measure = async (key: OrderedKey) => {
    signal.throwIfAborted();
    return bytesToWrite(options, key);
  };
  for await (const bytes of mapInOrder(keys, READS_MAX, measure)) {
    needed += Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
  }
  const { freeBytes } = await disk.space(destination).catch(destinationFailure(destination));
  if (needed <= freeBytes) return;
  throw new WalqError('destination-full', {
    message: `unable to restore to ${destination}: ${megabytes(needed)} are still to be written, ${megabytes(freeBytes)} are free there`,
  });
}

async function bytesToWrite(
  { disk, store, destination, index }: RoomOptions,
  { key }: OrderedKey,
): Promise<number> {
  const path = join(destination, key.segment);
  const bytes = await bytesOf(store, key, index);
  const there = await disk.lstat(path).catch((error: unknown) => {
    if (!isMissing(error)) destinationFailure(path)(error);
  });
  if (there === undefined) return bytes;
  if (there.kind === 'file' && Number(there.size) === bytes) return 0;
  const what =
    there.kind === 'file'
      ? `with ${there.size} bytes instead of ${bytes}`
      : `and is a ${there.kind}`;
  throw new WalqError('destination-exists', { message: `${path} is there already, ${what}` });
}

async function bytesOf(
  store: ArchiveStore,
  key: OrderedKey['key'],
  index: ManifestIndex | undefined,
): Promise<number> {
  const stat = await store.stat(key);
  const known = stat && index?.get(key, stat);
  const manifest = known ?? (await readManifest(store, key));
  if (manifest !== undefined) return manifest.bytes;
  throw new WalqError('object-missing', { message: `${keyPath(key)} is gone` });
}

const megabytes = (bytes: number): string =>
  `${(bytes / 1e6).toLocaleString('en-US', { maximumFractionDigits: 1 })} MB`;
