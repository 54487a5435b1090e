/** One object, as a plain file: every byte checked against what the object says of itself. */
import { decodeArchived, type ArchivedObject } from '../../archive/decode-archived.ts';
import { assertNamesKey } from '../../store/stored-object.ts';
import type { ArchiveKey } from '../../store/archive-key.ts';
import type { ArchiveStore } from '../../store/store.ts';
import type { Threads } from '../../threads/threads.ts';

export interface DecodeToOptions {
  readonly store: ArchiveStore;
  readonly threads: Threads;
  readonly key: ArchiveKey;
  /** A new file. */
  readonly path: string;
  /** Whether to fsync it. */
  readonly durable: boolean;
  readonly signal: AbortSignal;
}

/** Undefined when the archive has no such object; one of another segment is refused as `object-corrupt`. */
export async function decodeTo({
  path,
  durable,
  ...options
}: DecodeToOptions): Promise<ArchivedObject | undefined> {
  const object = await decodeArchived({ ...options, destination: { path, durable } });
  if (object !== undefined) assertNamesKey(object.manifest, options.key);
  return object;
}
