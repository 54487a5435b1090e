/**
 * `<source>/_walq/instances/<uuid>.json`: PostgreSQL instances that may write into an archive beside the one
 * that claimed it, such as the other members of a high-availability group.
 */
import { z } from 'zod';
import { WalqError } from '../base/failure/walq-error.ts';
import { readRecords } from './read-records.ts';
import type { ArchiveStore } from './store.ts';

export interface AdmittedInstance {
  readonly instance: string;
  /** Of its cluster, as decimal text. */
  readonly systemIdentifier: string;
  readonly dataDirectory: string;
  /** Name of its machine, for people. */
  readonly host: string;
  /** ISO 8601. */
  readonly at: string;
}

const FOLDER = 'instances';

const recordSchema = z.looseObject({
  version: z.literal(1),
  instance: z.uuid(),
  systemIdentifier: z.string(),
  dataDirectory: z.string(),
  host: z.string(),
  at: z.iso.datetime(),
});

/** Admits an instance, durably; `exists` when it was before. */
export function admitInstance(
  store: ArchiveStore,
  source: string,
  admitted: AdmittedInstance,
): Promise<'created' | 'exists'> {
  const text = JSON.stringify({ version: 1, ...admitted });
  return store.records.create(source, `${FOLDER}/${admitted.instance}`, `${text}\n`);
}

export async function isAdmitted(
  store: ArchiveStore,
  source: string,
  instance: string,
): Promise<boolean> {
  return (await store.records.read(source, `${FOLDER}/${instance}`)) !== undefined;
}

/** Their UUIDs alone, which no record is read for. */
export const listInstanceIds = (store: ArchiveStore, source: string): Promise<readonly string[]> =>
  store.records.list(source, FOLDER);

/** In the order in which they were admitted. @throws WalqError `archive-format-unknown` */
export async function listInstances(
  store: ArchiveStore,
  source: string,
): Promise<readonly AdmittedInstance[]> {
  const records = await readRecords(store, source, FOLDER);
  const found = records.map(({ name, text }) => parse(source, name, text));
  return found.toSorted((a, b) => (a.at < b.at ? -1 : 1));
}

function parse(source: string, name: string, text: string): AdmittedInstance {
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch (cause) {
    const message = `unable to read the record ${source}/_walq/${FOLDER}/${name}.json`;
    throw new WalqError('archive-format-unknown', { message, cause });
  }
}
