/**
 * Objects that a full read found corrupt: `<source>/_walq/corrupt/<sha-256>.json`, for everybody who reads this archive,
 * until a full read finds the object sound, or it is pruned. Nothing but its contents tells that an object is right
 * again: one that was only touched, or written over, stays known as corrupt.
 */
import { z } from 'zod';
import { catalogue, type FailureCode } from '../../base/failure/catalogue.ts';
import { sha256Of } from '../../base/hash.ts';
import { jsonRecord } from '../../base/json-record.ts';
import { isWalqError } from '../../base/failure/walq-error.ts';
import { mapInOrder } from '../map-in-order.ts';
import { keyOfPath, keyPath, type ArchiveKey } from '../../store/archive-key.ts';
import { readManifest } from '../../store/stored-object.ts';
import { readRecords } from '../../store/small-files.ts';
import type { ArchiveStore } from '../../store/store.ts';
import type { CheckedObject } from './check-objects.ts';
import type { CheckFault } from './check-record.ts';

const FOLDER = 'corrupt';
const READS_AT_ONCE = 16;
const MESSAGE_CHARACTERS_MAX = 300;

/** What was found, when, and by whom. */
export interface CorruptObject extends CheckFault {
  readonly segment: string;
  /** Where the object is, relative to the archive's root. */
  readonly key: string;
  /** ISO 8601. */
  readonly foundAt: string;
  /** `user@host`. */
  readonly by: string;
}

const format = jsonRecord({
  key: z.string(),
  code: z.custom<FailureCode>(
    (value) => typeof value === 'string' && Object.hasOwn(catalogue, value),
  ),
  message: z.string(),
  foundAt: z.iso.datetime(),
  by: z.string(),
});

/** All that are known of a source and still stand, by their keys. A damaged record says nothing. */
export async function listCorruptObjects(
  store: ArchiveStore,
  source: string,
): Promise<readonly CorruptObject[]> {
  const found: CorruptObject[] = [];
  const read = async ({ name, text }: { readonly name: string; readonly text: string }) => {
    const record = format.read(text);
    const key = record && keyOfPath(record.key);
    if (record === undefined || key?.source !== source || sha256Of(record.key) !== name) return [];
    const { code, message, foundAt, by } = record;
    if (!(await isStill(store, key, foundAt))) return [];
    return [{ segment: key.segment, key: record.key, code, message, foundAt, by }];
  };
  const records = await readRecords(store, source, FOLDER);
  for await (const known of mapInOrder(records, READS_AT_ONCE, read)) found.push(...known);
  return found.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** An object that is gone is told as a gap; one that was archived since is another, which was proved then. */
async function isStill(store: ArchiveStore, key: ArchiveKey, foundAt: string): Promise<boolean> {
  try {
    const manifest = await readManifest(store, key);
    return manifest !== undefined && Date.parse(manifest.archivedAt) <= Date.parse(foundAt);
  } catch (error) {
    if (!isWalqError(error) || error.class === 'retryable') throw error;
    return true;
  }
}

/** Writes down what a full read found, durably, in place of what was found of an earlier object. */
async function recordCorruptObject(
  store: ArchiveStore,
  key: ArchiveKey,
  { code, message, foundAt, by }: Omit<CorruptObject, 'segment' | 'key'>,
): Promise<void> {
  const path = keyPath(key);
  const said = message.slice(0, MESSAGE_CHARACTERS_MAX);
  const object = { segment: key.segment, key: path, code, message: said, foundAt, by };
  const text = format.text(object);
  const name = `${FOLDER}/${sha256Of(path)}`;
  if ((await store.records.create(key.source, name, text)) === 'created') return;
  await store.records.remove(key.source, name);
  await store.records.create(key.source, name, text);
}

/**
 * Brings the records up to what was read now. Rejects as the archive's records do, for who may not write there.
 */
export async function recordChecks(
  store: ArchiveStore,
  {
    known,
    checked,
    by,
  }: {
    readonly known: readonly CorruptObject[];
    readonly checked: readonly Pick<CheckedObject, 'object' | 'fault'>[];
    readonly by: string;
  },
): Promise<void> {
  const recorded = new Map(known.map((one) => [one.key, one]));
  const foundAt = new Date().toISOString();
  for (const { object, fault } of checked) {
    const before = recorded.get(keyPath(object.key));
    if (fault === undefined && before !== undefined) {
      await forgetCorruptObject(store, object.key.source, before);
    }
    if (fault !== undefined && isProved(fault) && before === undefined) {
      await recordCorruptObject(store, object.key, { ...fault, foundAt, by });
    }
  }
}

/** What another walq, or a dictionary that is brought back, could read is a matter of this run alone. */
const isProved = ({ code }: CheckFault): boolean =>
  code === 'object-corrupt' || code === 'object-foreign';

/** The object was read and is sound, or is not in the archive any more. */
export const forgetCorruptObject = (
  store: ArchiveStore,
  source: string,
  { key }: Pick<CorruptObject, 'key'>,
): Promise<void> => store.records.remove(source, `${FOLDER}/${sha256Of(key)}`);

/** The records that there are of these objects, for whoever removes the objects. */
export async function corruptRecordsOf(
  store: ArchiveStore,
  source: string,
  keys: readonly ArchiveKey[],
): Promise<readonly string[]> {
  const there = new Set(await store.records.list(source, FOLDER));
  if (there.size === 0) return [];
  const names = keys.map((key) => sha256Of(keyPath(key)));
  return names.filter((name) => there.has(name)).map((name) => `${FOLDER}/${name}`);
}
