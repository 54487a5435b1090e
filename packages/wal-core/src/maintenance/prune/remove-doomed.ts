/** Removes objects below a floor that has stood for long enough: the oldest first, some at a time. */
import { asWalqError, type WalqError } from '../../base/failure/walq-error.ts';
import type { FailureCode } from '../../base/failure/catalogue.ts';
import { mapInOrder } from '../../reading/map-in-order.ts';
import type { ArchivedFile } from '../retention/timelines.ts';
import { archiveKeyOf } from '../../store/archive-key.ts';
import type { ArchiveStore } from '../../store/store.ts';
import type { PruneStepListener } from './step.ts';

export interface RemoveOptions {
  readonly store: ArchiveStore;
  readonly source: string;
  readonly signal: AbortSignal;
  readonly onStep: PruneStepListener;
  /** Told of each file, whatever became of it. */
  readonly onFile: (segment: string) => void;
}

export interface Removal {
  /** By this call; a twin may have removed others. */
  readonly removed: { readonly files: number; readonly bytes: number };
  /** What the store keeps, by an object lock say. */
  readonly held: readonly string[];
  readonly failed: readonly FailedRemoval[];
}

export interface FailedRemoval {
  readonly segment: string;
  readonly code: FailureCode;
  readonly message: string;
}

const REMOVALS_AT_ONCE = 16;

type Outcome = 'removed' | 'absent' | 'held' | WalqError;

/** One that cannot be removed does not keep the others; a store that is away ends the call with its failure. */
export async function removeDoomed(
  options: RemoveOptions,
  files: readonly ArchivedFile[],
): Promise<Removal> {
  const held: string[] = [];
  const failed: FailedRemoval[] = [];
  const removed = { files: 0, bytes: 0 };
  const remove = async (file: ArchivedFile) => [file, await removeOne(options, file)] as const;
  for await (const [{ segment, objectBytes }, outcome] of mapInOrder(
    files,
    REMOVALS_AT_ONCE,
    remove,
  )) {
    options.onFile(segment.name);
    if (outcome === 'held') held.push(segment.name);
    else if (outcome === 'removed') {
      removed.files += 1;
      removed.bytes += objectBytes;
    } else if (outcome !== 'absent') {
      failed.push({ segment: segment.name, code: outcome.code, message: outcome.message });
    }
  }
  return { removed, held, failed };
}

async function removeOne(
  { store, source, signal, onStep }: RemoveOptions,
  { segment }: ArchivedFile,
): Promise<Outcome> {
  signal.throwIfAborted();
  await onStep('remove', segment.name);
  try {
    const outcome = await store.remove(archiveKeyOf(source, segment));
    await onStep('removed', segment.name);
    return outcome;
  } catch (error) {
    const failure = asWalqError(error);
    if (failure.class !== 'permanent') throw error;
    return failure;
  }
}
