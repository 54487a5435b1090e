/** Reads names, sizes and times of an archive, for a plan. The index saves reading manifests again. */
import { isWalqError, type WalqError } from '../../base/failure/walq-error.ts';
import { keysInOrder, type OrderedKey } from '../../reading/keys-in-order.ts';
import { mapInOrder } from '../../reading/map-in-order.ts';
import { showSegment } from '../../reading/list-archive.ts';
import type { ManifestIndex } from '../../reading/manifest-index.ts';
import type { ArchivedFile } from '../retention/plan.ts';
import type { SegmentNaming } from '../../source/naming.ts';
import type { ArchiveKey } from '../../store/archive-key.ts';
import type { ArchiveStore } from '../../store/store.ts';

interface ReadArchiveOptions {
  readonly store: ArchiveStore;
  readonly source: string;
  readonly naming: SegmentNaming;
  /** Present where times are needed. */
  readonly index: ManifestIndex | undefined;
  readonly signal: AbortSignal;
}

const READS_AT_ONCE = 16;

/** In the archive's order. Memory grows with the number of names. */
export async function readArchive(options: ReadArchiveOptions): Promise<ArchivedFile[]> {
  const { store, source, naming, signal } = options;
  const files: ArchivedFile[] = [];
  const read = (ordered: OrderedKey) => {
    signal.throwIfAborted();
    return readFile(options, ordered);
  };
  for await (const file of mapInOrder(keysInOrder(store, source, naming), READS_AT_ONCE, read)) {
    if (file !== undefined) files.push(file);
  }
  return files;
}

/** Undefined for an object that was removed during the listing. */
async function readFile(
  options: ReadArchiveOptions,
  { key, name }: OrderedKey,
): Promise<ArchivedFile | undefined> {
  const { index, ...place } = options;
  const archived =
    index === undefined
      ? undefined
      : await showSegment({ ...place, index, onUnreadable: rethrowUnlessDamaged }, name, key);
  const objectBytes = archived?.objectBytes ?? (await sizeOf(options, key));
  if (objectBytes === undefined) return undefined;
  const archivedAtMs = archived === undefined ? undefined : Date.parse(archived.archivedAt);
  return { segment: name, objectBytes, archivedAtMs };
}

/** An entry that is not walq's counts 0 bytes and stays: removing it fails. */
async function sizeOf({ store }: ReadArchiveOptions, key: ArchiveKey): Promise<number | undefined> {
  try {
    return (await store.stat(key))?.sizeBytes;
  } catch (error) {
    if (isWalqError(error, 'object-foreign')) return 0;
    throw error;
  }
}

/** A damaged object has no time and keeps nothing. One that cannot be read now, or not by this walq, ends the plan. */
function rethrowUnlessDamaged(_: ArchiveKey, failure: WalqError): void {
  if (failure.code === 'object-corrupt' || failure.code === 'object-foreign') return;
  throw failure;
}
