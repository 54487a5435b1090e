import { readFile, writeFile } from 'node:fs/promises';
import {
  archiveKeyOf,
  type ArchiveKey,
  type ArchiveStore,
  type Staging,
  publishOne,
} from '@walq/wal-core/internal';

export const keyOf = (number: number): ArchiveKey =>
  archiveKeyOf('orders', { name: `wal-${number}.bin`, number: BigInt(number) });

/** Stages contents; the fsync, a writer's duty, is left out. */
export async function stageText(
  store: ArchiveStore,
  key: ArchiveKey,
  text: string,
): Promise<Staging> {
  const staging = await store.stage(key);
  await writeFile(staging.path, text);
  return staging;
}

export const put = async (store: ArchiveStore, key: ArchiveKey, text: string) =>
  publishOne(store, await stageText(store, key, text));

export async function textOf(store: ArchiveStore, key: ArchiveKey): Promise<string | undefined> {
  const object = await store.fetch(key);
  return object === undefined ? undefined : readFile(object.path, 'utf8');
}
