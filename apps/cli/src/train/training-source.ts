/** What a dictionary of a configured source is trained on: the source where it can be had, and its archive. */
import {
  isWalqError,
  nodeDisk,
  openSource,
  openStoreOf,
  readOwnerOf,
  type TrainingSource,
} from '@walq/wal-core/internal';
import type { ConfiguredSource } from '@walq/config';
import { note } from '../terminal/print.ts';
import { printable } from '../terminal/printable.ts';

export async function trainingSource(source: ConfiguredSource): Promise<TrainingSource> {
  const store = openStoreOf(source, nodeDisk);
  const known = { disk: nodeDisk, store, source: source.name };
  const owner = await readOwnerOf(nodeDisk, source, store);
  try {
    const open = await openSource({ disk: nodeDisk, source, store, mayIntroduce: true });
    return { ...known, naming: open.source.naming, open };
  } catch (error) {
    if (owner === undefined || !isWalqError(error, 'source-unavailable')) throw error;
    note(`walq: ${printable(error.message)}; training on the archive alone`);
    return { ...known, naming: owner.naming, open: undefined };
  }
}
