/** Names that become directories of an archive: refused where they could lead out of their place. */
import { WalqError } from '../base/failure/walq-error.ts';
import type { ArchiveKey } from './archive-key.ts';

const sourceName = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const shardName = /^[0-9A-F]{8,255}$/;

export const isSourceName = (name: string): boolean => sourceName.test(name);

export const isShardName = (name: string): boolean => shardName.test(name);

export function refuseSourceName(name: string): void {
  if (isSourceName(name)) return;
  throw new WalqError('configuration-invalid', {
    message: `'${name}' cannot be the name of a source in an archive`,
    hint: 'Use letters, digits and dashes, at most 128.',
  });
}

export function refuseShardName(name: string): void {
  if (isShardName(name)) return;
  throw new WalqError('configuration-invalid', { message: `'${name}' is no shard of an archive` });
}

/** Shards by their number: a longer name is a larger number. */
export function compareShards(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** As text, for messages and maps. Two keys have the same text only when they are the same. */
export const keyText = (key: ArchiveKey): string =>
  JSON.stringify([key.source, key.shard, key.segment]);
