/**
 * Objects that a full read found corrupt: records `<source>/_walq/corrupt/<sha-256>.json`, for every reader of this
 * archive.
 * A record stays until a full read finds the object sound, or the object is pruned. Only its content shows that an
 * object is
 * sound again: one that was touched or overwritten stays recorded as corrupt.
 */
import * as v from 'valibot';
import { failureCode, time } from '../../base/record-fields.ts';
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

export interface CorruptObject extends CheckFault {
  readonly segment: string;
  /** Path of the object, relative to the archive's root. */
  readonly key: string;
  /** ISO 8601. */
  readonly foundAt: string;
  /** `user@host`. */
  readonly by: string;
}

const format = jsonRecord({
  key: v.string(),
  code: failureCode,
  message: v.string(),
  foundAt: time,
  by: v.string(),
});

/** The recorded corrupt objects of a source that still apply, by key. A damaged record is skipped. */
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

/**
 * A missing object is reported as a gap; one that was archived after the record is a new object, which was proved
 * then.
 */
async function isStill(store: ArchiveStore, key: ArchiveKey, foundAt: string): Promise<boolean> {
  try {
    const manifest = await readManifest(store, key);
    return manifest !== undefined && Date.parse(manifest.archivedAt) <= Date.parse(foundAt);
  } catch (error) {
    if (!isWalqError(error) || error.class === 'retryable') throw error;
    return true;
  }
}

/** Records durably what a full read found, replacing the record of an earlier object. */
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
 * Updates the records with the results of this run. Rejects where the caller may not write to the archive's records.
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

/** Faults that a newer walq or a restored dictionary could resolve are not recorded. */
const isProved = ({ code }: CheckFault): boolean =>
  code === 'object-corrupt' || code === 'object-foreign';

/** For an object that was found sound, or is no longer in the archive. */
export const forgetCorruptObject = (
  store: ArchiveStore,
  source: string,
  { key }: Pick<CorruptObject, 'key'>,
): Promise<void> => store.records.remove(source, `${FOLDER}/${sha256Of(key)}`);

/** The paths of the records of these objects, for a caller that removes the objects. */
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
