/** A prune of one source's archive, in a process of its own, alone or next to others. */
import { prune, type ArchiveStore, type ManifestIndex } from '@walq/wal-core/internal';
import type { SourceTruth } from './truth.ts';

export interface Pruning {
  readonly keepSegments: number;
  readonly graceMs: number;
}

/** Ages are not asked for, so there is nothing to remember. */
const noIndex: ManifestIndex = {
  get: () => undefined,
  add: () => undefined,
  save: async () => {},
};

export async function pruneSource(
  store: ArchiveStore,
  { source }: SourceTruth,
  { keepSegments, graceMs }: Pruning,
): Promise<void> {
  const { signal } = new AbortController();
  const rules = { keepSegments, keepFrom: [] };
  const place = { store, source: source.name, naming: source.naming };
  const options = { ...place, rules, graceMs, index: noIndex, by: 'simulation', signal };
  // What cannot be pruned just now, as of an archive that is not mounted, is for the next call.
  await prune(options).catch(() => undefined);
}
