/** One object, as a plain file: every byte checked against what the object says of itself. */
import { decodeArchived, type ArchivedObject } from '../dictionary/index.ts';
import { assertNamesKey, type ArchiveKey, type ArchiveStore } from '../store/index.ts';
import type { Threads } from '../threads/index.ts';

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
