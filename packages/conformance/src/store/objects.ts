/** Writes and reads whole objects, as the pipeline does. */
import { open, readFile } from 'node:fs/promises';
import {
  archiveKeyOf,
  type ArchiveKey,
  type ArchiveStore,
  type Staging,
  publishOne,
} from '@walq/wal-core/internal';

export const SOURCE = 'orders';

export const aKey = (number = 7, source = SOURCE): ArchiveKey =>
  archiveKeyOf(source, { name: `wal-${number}.bin`, number: BigInt(number) });

/** Stages contents and makes them durable, as a writer must before it publishes. */
export async function stageText(
  store: ArchiveStore,
  key: ArchiveKey,
  text: string,
): Promise<Staging> {
  const staging = await store.stage(key);
  const file = await open(staging.path, 'wx');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  return staging;
}

export async function put(
  store: ArchiveStore,
  key: ArchiveKey,
  text: string,
): Promise<'published' | 'exists'> {
  return publishOne(store, await stageText(store, key, text));
}

/** Contents of an object, undefined when there is none. */
export async function textOf(store: ArchiveStore, key: ArchiveKey): Promise<string | undefined> {
  const object = await store.fetch(key);
  if (object === undefined) return undefined;
  try {
    return await readFile(object.path, 'utf8');
  } finally {
    await object.release();
  }
}

export async function listed(store: ArchiveStore, source = SOURCE): Promise<readonly ArchiveKey[]> {
  const keys: ArchiveKey[] = [];
  for await (const piece of store.list(source)) keys.push(...piece);
  return keys;
}

export const numbersUpTo = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => index);
